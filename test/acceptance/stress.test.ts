import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { answerOf, dropOfflineFile, offlinePage, removeOfflineFile } from '../support/deployment.ts'
import { Dice } from '../support/dice.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { EchoSocket } from '../support/echo-socket.ts'
import { eventually, pause } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { openFiles } from '../support/processes.ts'

/** Seconds of random actions, scaled as in under-load.test.ts. */
const seconds = 20 * Number(process.env['ANCMD_TEST_LOAD'] ?? '1')
const seed = Number(process.env['ANCMD_TEST_SEED'] ?? '1')

const apps = [
  { name: 'Node app', runs: true, share: 1, dll: 'server.mjs', copy: () => copyApp('node-twin') },
  { name: 'ASP.NET Core app', runs: hasDotnet, share: 0.5, dll: 'TestApp.dll', copy: () => dotnetApp('test-app') },
]

const oddTargets = [
  '/',
  '//',
  '/%20',
  '/a/../HelloWorld',
  '/x?y?z',
  `/${'long'.repeat(500)}`,
  '/%E2%82%AC',
  '/DoSleep50',
] as const

/** Whatever may be answered while somebody turns the site upside down, and never anything else. */
const allowed = new Set(['200', `503 ${offlinePage}`, '500.19', '502.3', '502.5', '404'])

/** What came back: 200, a page of ours by its number, or the page of app_offline.htm; `reset` when the connection broke. */
async function ask(daemon: Daemon, target: string): Promise<string> {
  try {
    const { status, text } = await daemon.send(target)
    if (status === 503) return `503 ${text}`
    return /HTTP Error (\d{3}\.\d+)/.exec(text)?.[1] ?? String(status)
  } catch {
    return 'reset'
  }
}

/** Echoes and lets itself be closed, again and again; whatever ends it, it comes back. */
async function talk(daemon: Daemon): Promise<void> {
  try {
    const socket = await EchoSocket.open(daemon.port)
    await socket.echo('hello')
    socket.send('CloseFromServer')
    await socket.closed
  } catch {
    await pause(20)
  }
}

describe.each(apps)('a site that is never left alone, $name', { timeout: 180_000 }, ({ runs, share, dll, copy }) => {
  test.skipIf(!runs)(
    'stress-a: random changes under requests are answered with the page for each, and leave nothing behind',
    async () => {
      const folder = await copy()
      await editWebConfig(folder, {
        attributes: {
          startupTimeLimit: '5',
          shutdownTimeLimit: '5',
          requestTimeout: '00:00:05',
          rapidFailsPerMinute: '100',
        },
      })
      const webConfig = join(folder, 'web.config')
      const good = await readFile(webConfig, 'utf8')
      const daemon = await startDaemon(folder)
      await daemon.text('/HelloWorld')
      const dice = new Dice(seed)
      const filesBefore = openFiles(daemon.pid)
      const outcomes = new Map<string, number>()
      const end = performance.now() + seconds * share * 1000
      const working = (): boolean => performance.now() < end

      const actions: Readonly<Record<string, () => Promise<void> | void>> = {
        'app_offline.htm on and off': async () => {
          await dropOfflineFile(folder)
          await pause(dice.roll(300))
          await removeOfflineFile(folder)
        },
        'app_offline.htm renamed in, the app replaced, renamed out': async () => {
          await writeFile(join(folder, '_app_offline.htm'), offlinePage)
          await rename(join(folder, '_app_offline.htm'), join(folder, 'app_offline.htm'))
          await eventually('the page is shown', async () => (await ask(daemon, '/')) === `503 ${offlinePage}`)
          await rename(join(folder, dll), join(folder, `${dll}.kept`))
          await rename(join(folder, `${dll}.kept`), join(folder, dll))
          await rm(join(folder, 'app_offline.htm'))
        },
        'shutdownTimeLimit twice': async () => {
          for (const limit of [6, 5]) await editWebConfig(folder, { attributes: { shutdownTimeLimit: String(limit) } })
        },
        'a bogus processPath and back': async () => {
          await writeFile(webConfig, good.replace(/processPath="[^"]*"/, 'processPath="bogus"'))
          await pause(dice.roll(300))
          await writeFile(webConfig, good)
        },
        'a broken web.config and back': async () => {
          await writeFile(webConfig, good.slice(0, 300))
          await pause(dice.roll(300))
          await writeFile(webConfig, good)
        },
        'the other hosting model and back': async () => {
          await editWebConfig(folder, { attributes: { hostingModel: 'inprocess' } })
          await pause(dice.roll(300))
          await writeFile(webConfig, good)
        },
        SIGUSR2: () => {
          daemon.signal('SIGUSR2')
        },
        'a kill': () => {
          const pid = Number(daemon.seen('processStarted').at(-1)?.['pid'])
          // Dead already, perhaps.
          if (daemon.descendants.some((each) => each.pid === pid)) process.kill(pid, 'SIGKILL')
        },
      }
      const client = async (targets: readonly string[]): Promise<void> => {
        while (working()) {
          const outcome = await ask(daemon, dice.pick(targets))
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
          await pause(5)
        }
      }
      const sockets = async (): Promise<void> => {
        while (working()) await talk(daemon)
      }
      const clients = [client(['/HelloWorld']), client(['/HelloWorld']), client(oddTargets), sockets(), sockets()]
      const done: string[] = []
      while (working()) {
        const name = dice.pick(Object.keys(actions))
        done.push(name)
        await actions[name]?.()
        await pause(dice.roll(400))
      }
      await Promise.all(clients)
      console.log(
        `stress, seed ${String(seed)}: ${String(done.length)} changes; ${JSON.stringify(Object.fromEntries(outcomes))}`,
      )

      await writeFile(webConfig, good)
      expect((await answerOf(daemon, 200)).text).toBe('Hello World')
      // What a kill cuts off in the middle of an answer is a reset; everything else has a page.
      const strange = [...outcomes.keys()].filter((outcome) => !allowed.has(outcome) && outcome !== 'reset')
      expect(strange, done.join('; ')).toEqual([])
      expect(daemon.seen('bug')).toEqual([])
      await eventually('one process is left, and no more files are open than before', async () => {
        const pid = await daemon.processId()
        const left = daemon.descendants.filter(({ commandLine }) => commandLine.includes(dll))
        return left.length === 1 && left[0]?.pid === pid && openFiles(daemon.pid) <= filesBefore + 10
      })
      expect(await daemon.stop()).toBe(0)
    },
  )
})

describe.each(apps)('cold starts, $name', ({ runs, share, copy }) => {
  test.skipIf(!runs)('start-stress-cold: daemon after daemon, each with many requests at once', async () => {
    const folder = await copy()
    for (let round = 0; round < 10 * share; round += 1) {
      const daemon = await startDaemon(folder)
      const answers = await Promise.all(Array.from({ length: 50 }, () => daemon.text('/HelloWorld')))
      expect(new Set(answers)).toEqual(new Set(['Hello World']))
      expect(daemon.seen('processStarted')).toHaveLength(1)
      expect(await daemon.stop()).toBe(0)
    }
  })
})
