import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { Agent } from 'node:http'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, misbehavingApp, temporaryFolder } from '../support/folders.ts'
import { connectRaw } from '../support/raw-client.ts'
import { send } from '../support/send.ts'
import { type Measure, RiggedHost } from './support/rigged-host.ts'

const minutes = 60_000

/** What deaths.mjs says: how many there were, and what its process held. */
interface Deaths {
  readonly died: number
  readonly before: unknown
  readonly after: { readonly children: readonly string[] }
}

test('10,000 deaths of children, or a minute of them: no zombie, no descriptor, no handle and no listener is left', {
  timeout: 3 * minutes,
}, async () => {
  const from = performance.now()
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    new URL('support/deaths.mjs', import.meta.url).pathname,
    '10000',
    '8',
    String(minutes),
  ])
  const { died, before, after } = JSON.parse(stdout) as Deaths
  console.log(`${String(died)} deaths in ${((performance.now() - from) / 1000).toFixed(0)} s`)
  expect(died).toBeGreaterThan(1_000)
  expect(after).toEqual(before)
  expect(after.children).toEqual([])
})

/** What must be the same before and after. */
function held({ descriptors, resources, listeners }: Measure): unknown {
  return { descriptors, resources, listeners }
}

function told(before: Measure, after: Measure): string {
  const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  return `heap ${mega(before.heap)} → ${mega(after.heap)}, resident ${mega(before.rss)} → ${mega(after.rss)}`
}

/** A fresh process for each application, one connection to it; what was before has ended. */
async function atRest(host: RiggedHost, paths: readonly string[]): Promise<Measure> {
  const { counts } = await host.measure()
  const recycled = counts['applicationRecycled'] ?? 0
  host.recycle()
  await eventually('all are recycled', async () => {
    return (await host.measure()).counts['applicationRecycled'] === recycled + paths.length
  })
  for (const path of paths) expect((await send(host.url, path)).status).toBe(200)
  let last: Measure | undefined
  let same = 0
  return eventually('nothing moves any more', async () => {
    const before = last
    last = await host.measure()
    const isSame = before !== undefined && JSON.stringify(held(before)) === JSON.stringify(held(last))
    same = isSame && last.processes.length === paths.length ? same + 1 : 0
    return same >= 5 && last
  })
}

/** What clients ask for, and how they behave. */
const kinds: readonly ((url: string, agent: Agent) => Promise<unknown>)[] = [
  (url, agent) => send(url, '/HelloWorld', { agent }),
  (url, agent) => send(url, '/EchoPostData', { agent, method: 'POST', body: 'x'.repeat(10_000) }),
  (url, agent) => send(url, '/chunked', { agent }),
  (url, agent) =>
    send(url, '/BodyHash', { agent, method: 'PUT', headers: { 'Transfer-Encoding': 'chunked' }, body: 'y' }),
  (url) => send(url, '/HelloWorld'),
  (url, agent) => send(url, '/TruncatedBody', { agent }).catch(() => undefined),
  (url, agent) => send(url, '/Abort', { agent }),
  (url) => leave(url, 'GET /WaitForAbort HTTP/1.1\r\nHost: x\r\n\r\n'),
  (url) => leave(url, 'POST /EchoPostData HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbeginning'),
  (url) => leave(url, 'GET / HTTP/1.1\r\nHo'),
]

test('10,000 requests of every kind: no descriptor, timer, listener or temporary file is left', {
  timeout: 3 * minutes,
}, async () => {
  const scratch = await temporaryFolder()
  const logs = await temporaryFolder()
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { attributes: { stdoutLogEnabled: 'true', stdoutLogFile: `${logs}/stdout` } })
  const host = await RiggedHost.start({ '/': folder }, { TMPDIR: scratch })
  const ask = async (times: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    let asked = 0
    const client = async (): Promise<void> => {
      while (asked < times) await kinds[asked++ % kinds.length]?.(host.url, agent)
    }
    await Promise.all(Array.from({ length: 16 }, client))
    agent.destroy()
  }
  await ask(200)
  const before = await atRest(host, ['/'])
  await ask(10_000)
  const after = await atRest(host, ['/'])
  console.log(`10,000 requests: ${told(before, after)}`)
  expect(held(after)).toEqual(held(before))
  expect(after.counts['bug']).toBeUndefined()
  expect(await readdir(scratch)).toEqual([])
  expect((await host.stop()).processes).toEqual([])
})

/** Says something, and goes without waiting for an answer. */
async function leave(url: string, beginning: string): Promise<void> {
  const client = await connectRaw(Number(new URL(url).port))
  client.send(beginning)
  await new Promise((resolve) => setImmediate(resolve))
  client.reset()
}

const paths = ['/', '/a', '/b', '/c']
const rounds = 1_000 / paths.length
/** Each recycle starts a Node app, which on a busy machine takes its time; what leaks shows after some hundred of them too. */
const mostTime = 2 * minutes

test('1,000 recycles, or two minutes of them: no descriptor, timer, listener, process or temporary file is left', {
  timeout: 8 * minutes,
}, async () => {
  const scratch = await temporaryFolder()
  const folders: Record<string, string> = {}
  for (const path of paths) folders[path] = await misbehavingApp('serve')
  const host = await RiggedHost.start(folders, { TMPDIR: scratch })
  for (const path of paths) expect((await send(host.url, path)).status).toBe(200)
  for (let round = 0; round < 4; round += 1) await atRest(host, paths)
  const before = await atRest(host, paths)

  const from = performance.now()
  let round = 0
  while (round < rounds && performance.now() - from < mostTime) {
    round += 1
    host.recycle()
    await eventually('all are recycled', async () => {
      const { counts } = await host.measure()
      return counts['applicationRecycled'] === (before.counts['applicationRecycled'] ?? 0) + round * paths.length
    })
    for (const path of paths) expect((await send(host.url, path)).status).toBe(200)
  }
  const seconds = (performance.now() - from) / 1000
  const after = await atRest(host, paths)
  console.log(`${String(round * paths.length)} recycles in ${seconds.toFixed(0)} s: ${told(before, after)}`)
  expect(round).toBeGreaterThan(10)
  expect(held(after)).toEqual(held(before))
  expect(after.counts['bug']).toBeUndefined()
  expect(after.counts['processKilled']).toBeUndefined()
  expect(await readdir(scratch)).toEqual([])
  const { processes, resources } = await host.stop()
  expect(processes).toEqual([])
  expect(resources.filter((name) => /Process|Timeout|Server|TCP/.test(name))).toEqual([])
})
