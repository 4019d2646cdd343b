import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { hasProgram, program } from '../../../support/programs.ts'
import { createFolders } from '../../config/folders.ts'
import { command } from '../terminal.ts'

const folderOf = createFolders()
const top = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '')

/** A host file with these bindings. */
function hostFile(...bindings: readonly string[]): string {
  const text = `<configuration><system.applicationHost><sites><site name="www" id="1">
    <application path="/"><virtualDirectory path="/" physicalPath="/srv/www" /></application>
    <application path="/shop"><virtualDirectory path="/" physicalPath="/opt/shop 100%" /></application>
    <bindings>${bindings.map((binding) => `<binding ${binding} />`).join('')}</bindings>
  </site></sites></system.applicationHost></configuration>`
  return join(folderOf({ 'ancmd.config': text }), 'ancmd.config')
}

const http = 'protocol="http" bindingInformation="*:80:"'

/** What a command line prints, without what is peculiar to this machine. */
async function printed(...args: readonly string[]): Promise<string> {
  const { code, out } = await command(['service', ...args])
  expect(code).toBe(0)
  return out.replaceAll(process.execPath, '/usr/bin/node').replaceAll(`${top}/dist`, '/usr/lib/ancmd/dist')
}

const systemdBelow = (root: string): readonly string[] => ['--root', root, '--manager', 'systemd']

/** Installs below a folder of its own, which it returns. */
async function installed(...args: readonly string[]): Promise<string> {
  const root = folderOf({})
  const { code, err } = await command(['service', 'install', ...systemdBelow(root), ...args])
  expect(err).toBe('')
  expect(code).toBe(0)
  return root
}

describe('service install --dry-run prints every file after its path, and the commands', () => {
  test.each(['systemd', 'launchd', 'winsw'])('%s', async (manager) => {
    const expected = fileURLToPath(new URL(`${manager}.txt`, import.meta.url))
    expect(existsSync(expected)).toBe(true)
    // With winsw the default stays, because another path would be one of this system.
    const config = manager === 'winsw' ? [] : ['--config', '/nowhere/ancmd.config']
    expect(await printed('install', '--dry-run', '--manager', manager, ...config)).toBe(readFileSync(expected, 'utf8'))
  })

  test('as one JSON document', async () => {
    const { manager, files, commands } = JSON.parse(
      await printed('install', '--dry-run', '--json', '--manager', 'systemd'),
    ) as { manager: string; files: { path: string; state: string }[]; commands: string[][] }
    expect(manager).toBe('systemd')
    expect(files.map(({ path }) => path)).toContain('/etc/systemd/system/ancmd-https.socket')
    expect(commands).toContainEqual(['systemctl', 'daemon-reload'])
  })

  test('a host file that is not there, or names a folder in a home, is told on stderr', async () => {
    const config = join(folderOf({}), 'none.config')
    const { code, err } = await command(['service', 'install', '--dry-run', '--manager', 'systemd', '--config', config])
    expect(code).toBe(0)
    expect(err).toBe(`ancmd service: ${config} is not there: write it first, or name another host file with --config\n`)
    const inHome = hostFile(http)
    writeFileSync(inHome, readFileSync(inHome, 'utf8').replace('/srv/www', '/home/alice/www'))
    const said = await command(['service', 'install', '--dry-run', '--manager', 'systemd', '--config', inHome])
    expect(said.err).toContain('the service may not look into home folders, and /home/alice/www is in one')
  })
})

describe('with systemd', () => {
  const certificate = 'certificate="/etc/ancmd/www.pem"'
  const bindings = [
    http,
    'protocol="http" bindingInformation="127.0.0.1:8080:"',
    'protocol="http" bindingInformation="*:80:www.example.org"',
    `protocol="https" bindingInformation="[::1]:443:" ${certificate}`,
  ]

  test('the socket units have the ports and addresses of the host file', async () => {
    const root = await installed('--config', hostFile(...bindings))
    const unit = (name: string): string => readFileSync(`${root}/etc/systemd/system/${name}`, 'utf8')
    const streams = (name: string): string[] => unit(name).match(/(?<=^ListenStream=).*$/gm) ?? []
    expect(streams('ancmd-http.socket')).toEqual(['80', '127.0.0.1:8080'])
    expect(streams('ancmd-https.socket')).toEqual(['[::1]:443'])
    expect(unit('ancmd.service')).toContain('\nReadWritePaths="-/opt/shop 100%%"\n')
    expect(unit('ancmd.service')).toContain('\nSockets=ancmd-http.socket ancmd-https.socket\n')
  })

  test('a protocol without a binding has no socket unit', async () => {
    const root = await installed('--config', hostFile(http))
    expect(existsSync(`${root}/etc/systemd/system/ancmd-https.socket`)).toBe(false)
    expect(readFileSync(`${root}/etc/systemd/system/ancmd.service`, 'utf8')).not.toContain('https')
  })

  test.skipIf(!hasProgram('systemd-analyze'))('systemd finds nothing wrong with the units', async () => {
    const root = await installed('--config', hostFile(...bindings))
    const units = ['ancmd.service', 'ancmd-http.socket', 'ancmd-https.socket'].map(
      (name) => `${root}/etc/systemd/system/${name}`,
    )
    const verify = spawnSync(program('systemd-analyze'), ['verify', '--man=no', ...units], { encoding: 'utf8' })
    expect(verify).toMatchObject({ status: 0, stderr: '' })
    const args = ['security', '--offline=true', '--threshold=20', '--no-pager', units[0] as string]
    const { status, stdout } = spawnSync(program('systemd-analyze'), args, { encoding: 'utf8' })
    expect(status, stdout).toBe(0)
  })

  test('another user is not made', async () => {
    const root = await installed('--config', hostFile(http), '--user', 'web')
    expect(readFileSync(`${root}/etc/systemd/system/ancmd.service`, 'utf8')).toContain('\nUser=web\n')
    expect(existsSync(`${root}/etc/sysusers.d`)).toBe(false)
  })
})

describe.skipIf(!hasProgram('python3'))('parsers of others read', () => {
  const parsed = async (manager: string, script: string): Promise<unknown> => {
    const text = await printed('install', '--dry-run', '--manager', manager)
    const input = text.slice(text.indexOf('\n') + 1, text.lastIndexOf('\n# run') + 1 || undefined)
    const { status, stdout, stderr } = spawnSync(program('python3'), ['-c', script], { input, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    return JSON.parse(stdout)
  }

  test('the property list of launchd', async () => {
    const trimmed = 'plistlib.loads(sys.stdin.buffer.read().split(b"\\n# run")[0])'
    const script = `import json, plistlib, sys; print(json.dumps(${trimmed}))`
    expect(await parsed('launchd', script)).toMatchObject({
      Label: 'ancmd',
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ExitTimeOut: 90,
      ProgramArguments: expect.arrayContaining(['run', '--config', '/usr/local/etc/ancmd/ancmd.config']) as unknown,
    })
  })

  test('the XML of WinSW', async () => {
    const trimmed = 'ElementTree.fromstring(sys.stdin.buffer.read().split(b"\\n# run")[0])'
    const script = `import json, sys\nfrom xml.etree import ElementTree\nprint(json.dumps({e.tag: e.text for e in ${trimmed}}))`
    expect(await parsed('winsw', script)).toMatchObject({
      id: 'ancmd',
      arguments: '/usr/lib/ancmd/dist/main.js run --config C:\\ProgramData\\ancmd\\ancmd.config --log-format json',
      stoptimeout: '90 sec',
    })
  })
})

describe('install, show and uninstall below a folder', () => {
  test('say with --json what was done as one document, and --dry-run names only what would be removed', async () => {
    const root = folderOf({})
    const config = hostFile(http)
    const done = async (action: string, ...args: readonly string[]): Promise<Record<string, unknown>> => {
      const { code, out } = await command(['service', action, ...systemdBelow(root), '--json', ...args])
      expect(code).toBe(0)
      return JSON.parse(out) as Record<string, unknown>
    }
    const { files } = await done('install', '--config', config)
    const paths = (files as { path: string; state: string }[]).map(({ path, state }) => {
      expect(state).toBe('installed')
      return path
    })
    const [unit = '', ...others] = paths
    writeFileSync(unit, '[Unit]\n')
    for (const args of [['--dry-run'], []]) {
      expect(await done('uninstall', ...args)).toEqual({
        version: 1,
        manager: 'systemd',
        removed: others,
        kept: [unit],
      })
    }
    expect(paths.filter((path) => existsSync(path))).toEqual([unit])
  })

  test('write the files, tell how they stand, and take them away again', async () => {
    const config = hostFile(http)
    const root = await installed('--config', config)
    const unit = `${root}/etc/systemd/system/ancmd.service`
    const show = (): ReturnType<typeof command> =>
      command(['service', 'show', ...systemdBelow(root), '--config', config])
    expect(await show()).toMatchObject({ code: 0, out: expect.stringContaining(`installed  ${unit}\n`) as string })
    writeFileSync(unit, readFileSync(unit, 'utf8').replace('RestartSec=1s', 'RestartSec=9s'))
    expect((await show()).out).toContain(`outdated   ${unit}\n`)
    const gone = await command(['service', 'uninstall', ...systemdBelow(root)])
    expect(gone).toMatchObject({ code: 0, err: '', out: expect.stringContaining(`removed ${unit}\n`) as string })
    expect(existsSync(unit)).toBe(false)
    expect(await show()).toMatchObject({ code: 1, out: expect.stringContaining(`missing    ${unit}\n`) as string })
    const again = await command(['service', 'uninstall', ...systemdBelow(root)])
    expect(again).toMatchObject({ code: 1, err: 'ancmd service: no service is installed here\n' })
  })

  test('a unit of somebody else is neither replaced nor removed', async () => {
    const root = folderOf({ 'etc/systemd/system/ancmd.service': '[Service]\nExecStart=/bin/true\n' })
    const unit = `${root}/etc/systemd/system/ancmd.service`
    const said = await command(['service', 'install', ...systemdBelow(root)])
    expect(said).toMatchObject({
      code: 1,
      err: `ancmd service: ${unit} is there, and ancmd did not write it: move it away first\n`,
    })
    expect(existsSync(`${root}/etc/systemd/system/ancmd-http.socket`)).toBe(false)
    expect((await command(['service', 'uninstall', ...systemdBelow(root)])).err).toContain('stays')
    expect(readFileSync(unit, 'utf8')).toContain('/bin/true')
  })

  test('a file that cannot be written leaves none of the others', async () => {
    const root = folderOf({ 'etc/sysusers.d': 'a file where a folder should be' })
    const said = await command(['service', 'install', ...systemdBelow(root)])
    expect(said).toMatchObject({ code: 1, err: expect.stringContaining('cannot be written or removed (E') as string })
    expect(existsSync(`${root}/etc/systemd/system/ancmd.service`)).toBe(false)
  })
})

describe('refused with a sentence', () => {
  test.runIf(process.platform === 'linux')('a root below /proc, which takes no folder', async () => {
    const { code, err } = await command(['service', 'install', ...systemdBelow('/proc/ancmd')])
    expect(code).toBe(1)
    expect(err).toContain('/proc/ancmd')
  })

  test.each([
    [['service'], 2, "ancmd service: say what to do: 'ancmd service install', uninstall or show"],
    [['service', 'instal'], 2, 'say what to do'],
    [['service', 'show', '--manager', 'upstart'], 2, 'option --manager takes systemd or launchd or winsw'],
    [['service', 'install', '--user', 'a b'], 2, "option --user takes the name of a user, not 'a b'"],
  ])('%j', async (args, code, sentence) => {
    const said = await command(args)
    expect(said.code).toBe(code)
    expect(said.err).toContain(sentence)
  })

  test('the manager of another system', async () => {
    const other = process.platform === 'darwin' ? 'systemd' : 'launchd'
    const said = await command(['service', 'install', '--manager', other])
    expect(said).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not the service manager of this system') as string,
    })
  })

  test('a host file with errors: exit code 78, with the place', async () => {
    const config = hostFile('protocol="ftp" bindingInformation="*:eighty:"')
    const said = await command(['service', 'install', '--dry-run', '--manager', 'systemd', '--config', config])
    expect(said.code).toBe(78)
    expect(said.err).toContain(`${config}:`)
  })
})
