import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, temporaryFolder, top } from '../support/folders.ts'

const execute = promisify(execFile)

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string; readonly mode: number }[]
}

/** What `npm pack` says, of dist as it is. */
async function pack(...options: string[]): Promise<Packed> {
  const { stdout } = await execute('npm', ['pack', '--json', '--ignore-scripts', ...options], { cwd: top })
  const [packed] = JSON.parse(stdout) as Packed[]
  if (packed === undefined) throw new Error(stdout)
  return packed
}

/** Installs the package where nothing else is, without asking a registry; resolves with its folder. */
async function installElsewhere(): Promise<string> {
  const place = await temporaryFolder()
  const { filename } = await pack('--pack-destination', place)
  await writeFile(join(place, 'package.json'), '{"private":true}')
  await execute('npm', ['install', '--offline', '--no-audit', '--no-fund', join(place, filename)], { cwd: place })
  return join(place, 'node_modules/ancmd')
}

describe.skipIf(!hasDotnet)('the package', () => {
  beforeAll(buildStartupHooks)

  test('holds the startup hooks, for everybody to read', async () => {
    const { files } = await pack('--dry-run')
    const hook = files.find(({ path }) => path === 'dist/hooks/Ancmd.BodyLimit.dll')
    expect((hook?.mode ?? 0) & 0o444).toBe(0o444)
  })

  test('is a few dozen files, with the licences of what is bundled, and nothing of a checkout', async () => {
    const paths = (await pack('--dry-run')).files.map(({ path }) => path)
    expect(paths.length).toBeLessThan(100)
    expect(paths).toContain('dist/THIRD-PARTY-LICENSES.txt')
    expect(paths.filter((path) => !/^(?:dist|config\/(?:samples?|schema))\/|^[A-Za-z.-]+$/.test(path))).toEqual([])
    expect(paths.filter((path) => /\.(?:ts|tsbuildinfo)$|\.sources$/.test(path) && path !== 'dist/index.d.ts')).toEqual(
      [],
    )
  })

  test('installed elsewhere, offline and without any other package, runs an ASP.NET Core app', async () => {
    const installed = await installElsewhere()
    expect(await readdir(dirname(installed))).toEqual(['.bin', '.package-lock.json', 'ancmd'].sort())
    const daemon = await startDaemon(await dotnetApp('test-app'), { program: join(installed, 'dist/main.js') })
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    expect(await daemon.stop()).toBe(0)
  })

  test('installed in a project, is run by npx', async () => {
    const project = join(await installElsewhere(), '../..')
    const pidFile = join(project, 'ancmd.pid')
    const run = ['run', await copyApp('node-twin'), '--port', '0', '--host', '127.0.0.1', '--pid-file', pidFile]
    const npx = spawn('npx', ['--offline', '--no-install', 'ancmd', ...run, '--log-format', 'json'], {
      cwd: project,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = once(npx, 'close')
    const pid = (): number => Number(readFileSync(pidFile, 'utf8'))
    try {
      let log = ''
      npx.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text
      })
      await eventually('it listens', () => /"url":"([^"]+)"/.test(log), 30_000).catch(() => {
        throw new Error(log)
      })
      const [, url = ''] = /"url":"([^"]+)"/.exec(log) ?? []
      expect(await (await fetch(`${url}/HelloWorld`)).text()).toBe('Hello World')
      process.kill(pid(), 'SIGTERM')
      expect(await ended).toEqual([0, null])
      expect(existsSync(pidFile)).toBe(false)
    } finally {
      if (existsSync(pidFile)) process.kill(pid(), 'SIGKILL')
    }
  })
})

describe('the public API', () => {
  test('is all that a program in TypeScript needs to host a folder, its log included', {
    timeout: 240_000,
  }, async () => {
    const place = await temporaryFolder()
    await execute(process.execPath, ['config/scripts/build.mjs', '--types-only', join(place, 'ancmd.d.ts')], {
      cwd: top,
    })
    const api = join(top, 'dist/index.js')
    const program = `
      import { writeFileSync } from 'node:fs'
      import type { Host, Level, Log, LogEntry } from './ancmd.js'
      const api: string = ${JSON.stringify(api)}
      const { createHost, loadFolder, loadHostFile } = (await import(api)) as typeof import('./ancmd.js')
      const entries: LogEntry[] = []
      const log: Log = { write: (level: Level, entry) => void entries.push({ level, ...entry }), isEnabled: () => true }
      const bindings = [{ protocol: 'http', address: '127.0.0.1', port: 0, hostName: '' }] as const
      const loaded = await loadFolder({ folder: process.argv[2] ?? '', pathBase: '/', bindings })
      const read: import('./ancmd.js').LoadedHostFile = await loadHostFile(process.argv[4] ?? '', process.env)
      if (!read.config.ok || read.config.value.sites[0]?.name !== 'shop') throw new Error('no host file')
      if (!loaded.ok) throw new Error(loaded.failure.map(({ text }) => text).join())
      const host: Host = await createHost(loaded.value, { log, environment: process.env, pid: process.pid })
      const started = await host.start()
      if (!started.ok) throw started.failure.opening.cause
      const answer = await fetch(\`\${host.status.sites[0]?.urls[0] ?? ''}/HelloWorld\`)
      writeFileSync(process.argv[3] ?? '', await answer.text())
      await host.stop()
      process.exit(entries.some(({ event }) => event === 'processStarted') ? 0 : 1)
    `
    await writeFile(join(place, 'program.mts'), program)
    const settings = { compilerOptions: { strict: true, module: 'nodenext', target: 'es2023', skipLibCheck: false } }
    const types = { types: ['node'], typeRoots: [join(top, 'node_modules/@types')] }
    const tsconfig = {
      ...settings,
      compilerOptions: { ...settings.compilerOptions, ...types },
      include: ['program.mts'],
    }
    await writeFile(join(place, 'tsconfig.json'), JSON.stringify(tsconfig))
    await execute(process.execPath, [join(top, 'node_modules/typescript/bin/tsc'), '-p', place], { cwd: place })
    const [folder, result] = [await copyApp('node-twin'), join(place, 'result')]
    await execute(process.execPath, [
      join(place, 'program.mjs'),
      folder,
      result,
      join(top, 'config/samples/sites.config'),
    ])
    expect(await readFile(result, 'utf8')).toBe('Hello World')
  })
})

describe('without a .NET SDK', () => {
  const script = 'config/scripts/startup-hooks.mjs'

  /** What building the startup hooks comes to in a fresh checkout with nothing on PATH. */
  async function build(...args: string[]): Promise<{ code: number; stderr: string }> {
    const checkout = await temporaryFolder()
    for (const part of [script, 'src/process/hooks']) {
      await mkdir(dirname(join(checkout, part)), { recursive: true })
      await cp(join(top, part), join(checkout, part), { recursive: true })
    }
    const options = { env: { PATH: '/nowhere' }, cwd: checkout }
    return execute(process.execPath, [join(checkout, script), ...args], options).then(
      ({ stderr }) => ({ code: 0, stderr }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
    )
  }

  test('no package is made: it would lack the startup hooks', async () => {
    expect(await build()).toEqual({ code: 1, stderr: expect.stringContaining('The .NET SDK') as string })
  })

  test('a checkout is built all the same, and told what it lacks', async () => {
    expect(await build('--if-possible')).toEqual({
      code: 0,
      stderr: expect.stringContaining('uploads above 30 MB') as string,
    })
  })
})
