import { spawnSync } from 'node:child_process'
import { chmod, chown, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ancmd, Daemon, type Finished } from '../support/daemon.ts'
import { dpkg, emptySystem, makePackage, serviceUser, unitArguments } from '../support/debian.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { editWebConfig } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { isAlive } from '../support/processes.ts'
import { hasProgram, program } from '../support/programs.ts'

const isRoot = process.getuid?.() === 0
const token = 'token-of-the-operator-0123456789'

/** Every file below it, but for what dpkg, the users of the system and the operator have of their own. */
async function filesOf(root: string): Promise<readonly string[]> {
  const found = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => !entry.isDirectory())
  const names = found.map(({ parentPath, name }) => relative(root, join(parentPath, name)))
  return names.filter(
    (name) => !/^(?:srv|run|var\/lib\/dpkg)(?:\/|$)|^etc\/(?:passwd|group|shadow|gshadow|\.pwd\.lock)-?$/.test(name),
  )
}

describe.skipIf(!hasProgram('dpkg-deb') || !hasProgram('promtool') || !isRoot || !hasDotnet)(
  "an operator's day",
  () => {
    let deb = ''
    beforeAll(async () => {
      deb = await makePackage()
    })

    test('installs the package, hosts two apps, looks, recycles, is told why one breaks, measures, and purges it all', async () => {
      const root = await emptySystem()
      const path = (name: string): string => join(root, name)
      const before = await filesOf(root)
      await dpkg(root, '-i', deb)

      // Two published apps, each with its log, and a host file.
      const user = await serviceUser(root)
      await cp(await dotnetApp('test-app'), path('srv/shop'), { recursive: true })
      await cp(await dotnetApp('webapi'), path('srv/api'), { recursive: true })
      for (const folder of ['srv/shop', 'srv/api']) {
        const attributes = { stdoutLogEnabled: 'true', stdoutLogFile: '.\\logs\\stdout' }
        await editWebConfig(path(folder), { attributes, environment: { ASPNETCORE_DETAILEDERRORS: 'true' } })
        await mkdir(path(`${folder}/logs`))
      }
      // As RuntimeDirectory=, StateDirectory= and LogsDirectory= of the unit do it.
      for (const folder of ['run/ancmd', 'var/lib/ancmd', 'var/log/ancmd'])
        await mkdir(path(folder), { recursive: true })
      for (const folder of ['run/ancmd', 'var/lib/ancmd', 'var/log/ancmd', 'srv/shop/logs', 'srv/api/logs']) {
        await chown(path(folder), user.uid, user.gid)
      }
      const tokenFile = path('etc/ancmd/admin.token')
      await writeFile(tokenFile, `${token}\n`)
      await chmod(tokenFile, 0o640)
      await chown(tokenFile, 0, user.gid)
      const [port, adminPort] = [await freePort(), await freePort()]
      const config = path('etc/ancmd/ancmd.config')
      await writeFile(
        config,
        `<configuration>
  <system.applicationHost><sites><site name="www" id="1">
    <application path="/"><virtualDirectory path="/" physicalPath="${path('srv/shop')}" /></application>
    <application path="/api"><virtualDirectory path="/" physicalPath="${path('srv/api')}" /></application>
    <bindings><binding protocol="http" bindingInformation="127.0.0.1:${String(port)}:" /></bindings>
  </site></sites></system.applicationHost>
  <ancmd><admin address="127.0.0.1:${String(adminPort)}" tokenFile="${tokenFile}" /></ancmd>
</configuration>
`,
      )
      const installed = path('usr/bin/ancmd')
      const control = { RUNTIME_DIRECTORY: path('run/ancmd') }
      const said: Finished[] = []
      const verb = async (...args: readonly string[]): Promise<Finished> => {
        const finished = await ancmd(args, { program: installed, environment: control })
        said.push(finished)
        return finished
      }
      const checked = await verb('check', '--config', config)
      expect(checked.code, checked.stdout).toBe(0)
      expect(checked.stdout).toMatch(/^ {2}sites \(line 2\) +honoured$/m)

      // By the command line of the unit, as its user.
      const daemon = new Daemon(await unitArguments(root), {
        program: installed,
        environment: { ...control, HOME: path('var/lib/ancmd') },
        through: ['setpriv', `--reuid=${String(user.uid)}`, `--regid=${String(user.gid)}`, '--clear-groups', '--'],
      })
      atTheEnd(() => daemon.end())
      await daemon.event('listening')
      await daemon.event('adminListening')
      daemon.port = port
      expect(await daemon.text('/HelloWorld')).toBe('Hello World')
      expect((await daemon.send('/api/weatherforecast')).status).toBe(200)

      // Looks.
      const status = await verb('status')
      expect(status.stdout).toMatch(/^ {2}\/ +running +\d+ /m)
      expect(status.stdout).toMatch(/^ {2}\/api +running +\d+ /m)
      const following = new Daemon(['logs', 'www/', '-f', '-n', '0'], { program: installed, environment: control })
      atTheEnd(() => following.end())
      await eventually('the output is followed', async () => {
        await daemon.text('/ConsoleWrite')
        return following.stdout.includes('TEST MESSAGE')
      })
      const [log = ''] = await readdir(path('srv/shop/logs'))
      expect(await readFile(path(`srv/shop/logs/${log}`), 'utf8')).toContain('TEST MESSAGE')

      // Recycles.
      const first = await daemon.processId()
      const recycled = await verb('recycle', 'www/', '--wait')
      expect(recycled.code, recycled.stderr).toBe(0)
      expect(isAlive(first)).toBe(false)
      expect(await daemon.processId()).not.toBe(first)
      const soFar = following.stdout.length
      await eventually('the new process is followed too', async () => {
        await daemon.text('/ConsoleWrite')
        return following.stdout.slice(soFar).includes('TEST MESSAGE')
      })
      expect(await following.stop()).toBe(0)

      // One app is published for a runtime that is not here.
      const runtimeConfig = path('srv/api/webapi.runtimeconfig.json')
      const asks = /("Microsoft\.AspNetCore\.App",\s*"version": ")[^"]+/
      await writeFile(runtimeConfig, (await readFile(runtimeConfig, 'utf8')).replace(asks, '$199.0.0'))
      expect((await verb('stop', 'www/api', '--wait')).code).toBe(0)
      const started = await verb('start', 'www/api', '--wait')
      expect(started.code).toBe(1)
      const page = await daemon.send('/api/weatherforecast')
      const failure = await daemon.event('processStartFailed')
      const doctor = await verb('doctor', '--config', config, '--user', 'root')
      expect(page.status).toBe(502)
      expect(page.text).toContain('HTTP Error 502.5')
      expect(doctor.code).toBe(1)
      expect(started.stderr).toContain('the process ended with exit code 150')
      for (const text of [page.text, failure.msg, (failure['advice'] as readonly string[]).join(), doctor.stdout]) {
        expect(text).toContain('99.0')
      }
      expect(await daemon.text('/HelloWorld')).toBe('Hello World')
      expect((await verb('status')).stdout).toContain('exit code 150')

      // Measures.
      const metrics = await fetch(`http://127.0.0.1:${String(adminPort)}/metrics`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const text = await metrics.text()
      expect(spawnSync(program('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' })).toMatchObject({
        status: 0,
        stdout: '',
      })
      expect(text).toMatch(/^ancmd_process_up\{app="\/LM\/W3SVC\/1\/ROOT"\} 1$/m)
      expect(text).toMatch(/^ancmd_process_up\{app="\/LM\/W3SVC\/1\/ROOT\/api"\} 0$/m)
      for (const { stdout, stderr } of said) expect(stdout + stderr).not.toContain(token)
      expect(daemon.stderr).not.toContain(token)

      // Purges.
      expect(await daemon.stop()).toBe(0)
      expect(daemon.descendants).toEqual([])
      expect(await readdir(path('run/ancmd'))).toEqual([])
      await rm(dirname(path('run/ancmd')), { recursive: true })
      await rm(tokenFile)
      await dpkg(root, '-P', 'ancmd')
      expect((await filesOf(root)).filter((name) => !before.includes(name))).toEqual([])
    })
  },
)
