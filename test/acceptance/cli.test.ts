import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ancmd, startDaemon } from '../support/daemon.ts'
import { copyApp, temporaryFolder, top } from '../support/folders.ts'
import { send } from '../support/send.ts'

describe('--help', () => {
  test('names every verb, on stdout, with exit code 0', async () => {
    const { code, stdout, stderr } = await ancmd(['--help'])
    expect(code).toBe(0)
    expect(stderr).toBe('')
    const verbs = [
      'run',
      'check',
      'status',
      'logs',
      'recycle',
      'stop',
      'start',
      'offline',
      'online',
      'service',
      'doctor',
    ]
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^\\s+.*\\b${verb}\\b`, 'm'))
  })

  test.each([
    'run',
    'check',
    'status',
    'logs',
    'recycle',
    'service',
    'doctor',
  ])('is there for %s as well', async (verb) => {
    const { code, stdout } = await ancmd([verb, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`ancmd ${verb}`)
  })

  test('of run names its options', async () => {
    const { stdout } = await ancmd(['run', '--help'])
    for (const option of ['port', 'host', 'path-base', 'log-format', 'log-level', 'app-output', 'control']) {
      expect(stdout).toContain(`--${option}`)
    }
  })

  test('--version is that of package.json', async () => {
    const { version } = JSON.parse(await readFile(`${top}/package.json`, 'utf8')) as { version: string }
    expect(await ancmd(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe.runIf(existsSync('/dev/full'))('a command whose output cannot be written', () => {
  test.each([['--version'], ['check', '--help']])('says so, and ends with 1: %s', (...args) => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [`${top}/dist/main.js`, ...args], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    closeSync(full)
    expect([status, stderr]).toEqual([1, 'ancmd: the output could not be written (ENOSPC)\n'])
  })

  test('because its reader has gone, as under head, has not failed', () => {
    const { stdout } = spawnSync(
      'bash',
      ['-c', `"$0" "$1" --help | true; echo \${PIPESTATUS[0]}`, process.execPath, `${top}/dist/main.js`],
      {
        encoding: 'utf8',
      },
    )
    expect(stdout).toBe('0\n')
  })
})

describe('a mistake on the command line is exit code 2 and a plain sentence', () => {
  test.each([
    [['run', '--prot', '8080'], '--prot'],
    [['rum'], "'rum'"],
    [['run', '.', 'another'], "'another'"],
    [['run', '--port'], '--port'],
    [['run', '--port', 'eighty'], "'eighty'"],
    [['run', '--port', '70000'], "'70000'"],
    [['run', '--log-format', 'xml'], "'xml'"],
    [['run', '--engine', 'nginx'], "'nginx'"],
    [['run', '.', '--https-port', '8443'], '--cert'],
    [['run', '.', '--cert', 'cert.pem'], '--https-port'],
    [['run', '.', '--client-certificates', 'accept'], '--https-port'],
    [['check', '--port', '1'], '--port'],
    [['run', '--config', 'ancmd.config', '--port', '80'], '--port'],
    [['run', '.', '--config', 'ancmd.config'], '--config'],
    [['check', '--config', 'ancmd.config', '--path-base', '/sub'], '--path-base'],
    [[], 'ancmd'],
  ])('%j', async (args, named) => {
    const { code, stdout, stderr } = await ancmd(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(named)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('run --control is accepted', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'), {
      args: ['--control', `${await temporaryFolder()}/control`],
    })
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
  })
})

describe('what cannot be hosted is exit code 78', () => {
  test('a folder that is not there is named', async () => {
    const missing = `${await temporaryFolder()}/no-such-app`
    const { code, stderr } = await ancmd(['run', missing, '--port', '0'])
    expect(code).toBe(78)
    expect(stderr).toContain(missing)
  })

  test('an empty folder: what was looked for is named', async () => {
    const { code, stderr } = await ancmd(['run', await temporaryFolder(), '--port', '0'])
    expect(code).toBe(78)
    expect(stderr).toContain('web.config')
  })

  test('a file in place of a folder', async () => {
    const { code, stderr } = await ancmd(['run', `${top}/package.json`, '--port', '0'])
    expect(code).toBe(78)
    expect(stderr).toContain('package.json')
  })
})

describe('the port', () => {
  test('that is taken is exit code 1 and is named', async () => {
    const first = await startDaemon(await copyApp('node-twin'))
    const second = await ancmd(['run', await copyApp('node-twin'), '--port', String(first.port), '--host', '127.0.0.1'])
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(String(first.port))
  })

  test.skipIf(lowPortsAreFree())('that needs a privilege is exit code 77 and is named', async () => {
    const folder = await copyApp('node-twin')
    // Root without this one right, rather than another user, who may not be able to read this checkout.
    const through = ['setpriv', '--bounding-set=-net_bind_service', '--inh-caps=-net_bind_service']
    const options = process.getuid?.() === 0 ? { through } : {}
    const { code, stderr } = await ancmd(['run', folder, '--port', '1', '--host', '127.0.0.1'], options)
    expect(code).toBe(77)
    expect(stderr).toContain('port 1 ')
  })

  test('is open on IPv4 and IPv6 when no address is given', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'), { everyAddress: true })
    const { url } = await daemon.event('listening')
    expect(url).toBe(`http://localhost:${String(daemon.port)}`)
    expect((await send(`http://127.0.0.1:${String(daemon.port)}`, '/HelloWorld')).text).toBe('Hello World')
    if (await hasIpv6()) {
      const seen = await send(`http://[::1]:${String(daemon.port)}`, '/RequestInformation')
      expect(seen.text).toMatch(/^Remote: ::1 \d+$/m)
    }
  })

  test('an address that this machine does not have is exit code 1 and is named', async () => {
    const { code, stderr } = await ancmd(['run', await copyApp('node-twin'), '--port', '0', '--host', '192.0.2.1'])
    expect(code).toBe(1)
    expect(stderr).toContain('192.0.2.1')
  })
})

describe('the engine', () => {
  test.each(['wire', 'http-proxy'])('%s can be chosen, and the log says which one it is', async (engine) => {
    const daemon = await startDaemon(await copyApp('node-twin'), { args: ['--engine', engine] })
    expect(await daemon.event('listening')).toMatchObject({ engine })
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
  })
})

describe('the log', () => {
  test('is one JSON object a line on stderr, with time, level, event and msg', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    await daemon.text('/')
    await daemon.stop()
    expect(daemon.stdout).toBe('')
    const lines = daemon.stderr.trimEnd().split('\n')
    for (const line of lines) {
      const entry = JSON.parse(line) as Record<string, unknown>
      expect(entry).toMatchObject({ event: expect.any(String) as string, msg: expect.any(String) as string })
      expect(Date.parse(String(entry['time']))).not.toBeNaN()
      expect(['debug', 'info', 'warn', 'error']).toContain(entry['level'])
    }
    const names = lines.map((line) => (JSON.parse(line) as { event: string }).event)
    expect(names).toEqual(
      expect.arrayContaining(['listening', 'processStarted', 'processExited', 'stopping', 'stopped']),
    )
    expect(names.at(-1)).toBe('stopped')
  })

  test('can be read by a person', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const { code, stderr } = await ancmd([
      'run',
      await copyApp('node-twin'),
      '--port',
      String(daemon.port),
      '--host',
      '127.0.0.1',
      '--log-format',
      'pretty',
    ])
    expect(code).toBe(1)
    expect(stderr).toContain('is taken by another program')
    expect(stderr).not.toContain('{"')
  })

  test('a reader of stderr that goes away does not end the daemon', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    daemon.closeStderr()
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    const pid = await daemon.processId()
    process.kill(pid, 'SIGKILL')
    let next = pid
    while (next === pid) next = Number((await daemon.send('/ProcessId')).text) || pid
    expect(await daemon.stop()).toBe(0)
  })
})

/** Some systems give every port to everybody. */
function lowPortsAreFree(): boolean {
  const setting = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
  return process.platform === 'win32' || (existsSync(setting) && Number(readFileSync(setting, 'utf8')) <= 1)
}

function hasIpv6(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => {
      resolve(false)
    })
    probe.listen(0, '::1', () => {
      probe.close(() => {
        resolve(true)
      })
    })
  })
}
