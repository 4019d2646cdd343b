import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, chown, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { Daemon } from '../support/daemon.ts'
import { dpkg, emptySystem, makePackage, serviceUser, unitArguments } from '../support/debian.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder, top } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { hasProgram } from '../support/programs.ts'

const execute = promisify(execFile)
const isRoot = process.getuid?.() === 0

const at =
  (root: string) =>
  (path: string): string =>
    join(root, path)

describe.skipIf(!hasProgram('dpkg-deb') || !isRoot)('the Debian package', () => {
  let deb = ''
  let unpacked = ''

  beforeAll(async () => {
    deb = await makePackage()
    unpacked = await temporaryFolder()
    await execute('dpkg-deb', ['-x', deb, unpacked])
  })

  test('is the same, byte for byte, when it is made again', async () => {
    expect((await readFile(await makePackage())).equals(await readFile(deb))).toBe(true)
  })

  test.skipIf(!hasProgram('lintian'))('has nothing that lintian finds wrong', () => {
    const { status, stdout } = spawnSync('lintian', ['--allow-root', '--fail-on', 'error,warning', deb], {
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })

  test.skipIf(!hasProgram('man'))('has a man page without a mistake, which names every command', async () => {
    const page = join(unpacked, 'usr/share/man/man1/ancmd.1.gz')
    const checked = spawnSync('man', ['--warnings', '-l', '-Tutf8', '-Z', page], { encoding: 'utf8' })
    expect(checked).toMatchObject({ status: 0, stderr: '' })
    const shown = await execute('man', ['-l', '-Tascii', page], { env: { ...process.env, MANWIDTH: '200' } })
    // Bold is written as escapes, or by typing a letter twice.
    const text = shown.stdout.replaceAll(/\x1b\[[0-9;]*m|.\x08/g, '')
    const help = await execute(process.execPath, [`${top}/dist/main.js`, '--help'])
    const commands = Array.from(help.stdout.matchAll(/^ {2}([a-z]+) /gm), ([, name]) => name as string)
    expect(commands.length).toBeGreaterThan(8)
    expect(commands.filter((name) => !text.includes(`ancmd ${name}`))).toEqual([])
  })

  test.skipIf(!hasProgram('systemd-analyze'))('has units that systemd finds nothing wrong with', async () => {
    const folder = join(unpacked, 'usr/lib/systemd/system')
    // The program is not where the package would put it.
    const unit = join(folder, 'ancmd.service')
    await writeFile(unit, (await readFile(unit, 'utf8')).replace('/usr/bin/ancmd', join(unpacked, 'usr/bin/ancmd')))
    const units = (await readdir(folder)).map((name) => join(folder, name))
    expect(units).toHaveLength(3)
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('completes commands, options and values in bash', async () => {
    const script = join(unpacked, 'usr/share/bash-completion/completions/ancmd')
    const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
      const line = words.map((word) => `'${word}'`).join(' ')
      const text = `source '${script}'; COMP_WORDS=(ancmd ${line}); COMP_CWORD=${String(words.length)}; _ancmd; printf '%s\\n' "\${COMPREPLY[@]}"`
      return (await execute('bash', ['--norc', '-c', text], { cwd: unpacked })).stdout.trim().split('\n')
    }
    expect(await complete('ru')).toEqual(['run'])
    expect(await complete('run', '--https')).toEqual(['--https-port'])
    expect(await complete('run', '--log-format', '')).toEqual(['pretty', 'json'])
    expect(await complete('service', 'un')).toEqual(['uninstall'])
    expect(await complete('service', 'install', '--manager', 'l')).toEqual(['launchd'])
    expect(await complete('check', 'us')).toEqual(['usr'])
    expect(await complete('run', '--log-format', '=')).toEqual(['pretty', 'json'])
    expect(await complete('run', '--log-format', '=', 'p')).toEqual(['pretty'])
    await mkdir(join(unpacked, 'my app'))
    expect(await complete('run', 'my')).toEqual(['my app'])
    expect(await complete('check', '--config', '=', 'my')).toEqual(['my app'])
    await rm(join(unpacked, 'my app'), { recursive: true })
  })

  test.skipIf(!hasProgram('zsh'))('completes options in zsh', async () => {
    const folder = join(unpacked, 'usr/share/zsh/vendor-completions')
    // zsh completes only at a terminal, so a second zsh in a pseudo-terminal is typed to.
    const typing = `zmodload zsh/zpty; zpty -b z zsh -f -i
      zpty -w z "PROMPT=; stty -echo columns 200; fpath=(${folder} \$fpath); autoload -Uz compinit; compinit -u -D; print REA''DY"
      while ! zpty -r -m z line '*READY*'; do sleep 0.05; done; zpty -w -n z $'ancmd run --log-f\t'
      while ! zpty -r -m z line '*--log-format*'; do sleep 0.05; done; print -r -- "$line"; zpty -d z`
    const { stdout } = await execute('zsh', ['-f', '-c', typing], { timeout: 20_000 })
    expect(stdout).toContain('--log-format')
  })

  test.skipIf(!hasProgram('fish'))('completes commands and values in fish', async () => {
    const script = join(unpacked, 'usr/share/fish/vendor_completions.d/ancmd.fish')
    const complete = async (line: string): Promise<readonly string[]> => {
      const text = `source '${script}'; complete -C '${line}'`
      const { stdout } = await execute('fish', ['--no-config', '-c', text], { cwd: unpacked })
      return stdout.split('\n').map((item) => item.split('\t')[0] ?? '')
    }
    expect(await complete('ancmd che')).toContain('check')
    expect(await complete('ancmd run --engine ')).toEqual(expect.arrayContaining(['wire', 'http-proxy']))
  })

  test('is installed, upgraded, removed and purged; only the purge takes what was written', async () => {
    const root = await emptySystem()
    const path = at(root)
    await dpkg(root, '-i', deb)
    expect(await readFile(path('etc/passwd'), 'utf8')).toMatch(
      /^ancmd:x:\d+:\d+:.*:\/var\/lib\/ancmd:\/usr\/sbin\/nologin$/m,
    )
    expect(existsSync(path('etc/systemd/system/multi-user.target.wants'))).toBe(true)
    expect(await readdir(path('etc/systemd/system/sockets.target.wants'))).toEqual(['ancmd-http.socket'])
    const config = path('etc/ancmd/ancmd.config')
    await appendFile(config, '<!-- mine -->\n')
    for (const folder of ['var/lib/ancmd', 'var/log/ancmd']) await mkdir(path(folder), { recursive: true })
    await dpkg(root, '-i', deb)
    expect(await readFile(config, 'utf8')).toContain('<!-- mine -->')
    await dpkg(root, '-r', 'ancmd')
    expect(existsSync(path('usr/lib/ancmd'))).toBe(false)
    expect([config, path('var/lib/ancmd'), path('var/log/ancmd')].filter((kept) => !existsSync(kept))).toEqual([])
    await dpkg(root, '-P', 'ancmd')
    const left = [
      'etc/ancmd',
      'var/lib/ancmd',
      'var/log/ancmd',
      'usr/share/ancmd',
      'usr/share/doc/ancmd',
      'usr/bin/ancmd',
    ]
    expect(left.filter((name) => existsSync(path(name)))).toEqual([])
    expect(
      (await readdir(path('etc/systemd/system'), { recursive: true })).filter((name) => name.includes('ancmd')),
    ).toEqual([])
    expect((await readdir(path('var/lib/dpkg/info'))).filter((name) => name.startsWith('ancmd'))).toEqual([])
  })

  test.skipIf(!hasDotnet)('runs a real ASP.NET Core app by the command line of the unit, as its user', async () => {
    const root = await emptySystem()
    const path = at(root)
    await dpkg(root, '-i', deb)
    const { uid, gid } = await serviceUser(root)
    await cp(await dotnetApp('test-app'), path('srv/www'), { recursive: true })
    await mkdir(path('var/lib/ancmd'), { recursive: true })
    await chown(path('var/lib/ancmd'), uid, gid)
    const config = path('etc/ancmd/ancmd.config')
    const port = await freePort()
    const text = (await readFile(config, 'utf8')).replace('*:80:', `127.0.0.1:${String(port)}:`)
    await writeFile(config, text.replace('/usr/share/ancmd/welcome', path('usr/share/ancmd/welcome')))
    const daemon = new Daemon(await unitArguments(root), {
      program: path('usr/bin/ancmd'),
      environment: { HOME: path('var/lib/ancmd') },
      through: ['setpriv', `--reuid=${String(uid)}`, `--regid=${String(gid)}`, '--clear-groups', '--'],
    })
    atTheEnd(() => daemon.end())
    await daemon.event('listening')
    daemon.port = port
    const welcome = await daemon.send('/')
    expect({ status: welcome.status, text: welcome.text }).toMatchObject({
      status: 503,
      text: expect.stringContaining('ancmd works here') as string,
    })
    await writeFile(config, text.replace('/usr/share/ancmd/welcome', path('srv/www')))
    await daemon.event('configReloaded')
    await eventually('the app answers', async () => (await daemon.send('/HelloWorld')).text === 'Hello World', 30_000)
    expect(daemon.descendants.length).toBeGreaterThan(0)
    expect(await daemon.stop()).toBe(0)
    await rm(path('var/lib/ancmd'), { recursive: true })
  })
})
