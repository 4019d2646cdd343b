import { describe, expect, test } from 'vitest'
import type { ProcessConfig } from '../../../src/config/model.ts'
import type { ForwardFailure } from '../../../src/forward/forward-failure.ts'
import type { Exchange } from '../../../src/http/exchange.ts'
import { deferred } from '../../../src/platform/deferred.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import type { StartFailure } from '../../../src/process/life/start-report.ts'
import { affinityCookie } from '../../../src/site/affinity.ts'
import { Serving, type ServingDependencies } from '../../../src/site/serving.ts'
import { type Asked, exchangeOf, noUsers, TestPool, throughModules, webConfig } from './support.ts'

const broken: ForwardFailure = { kind: 'await-response', side: 'application', started: false, cause: new Error('cut') }
function open(changes: Partial<ProcessConfig> = {}, pool = new TestPool(), showsDetails = false) {
  const failures: ForwardFailure[] = []
  const refusals: string[] = []
  const redispatched: Exchange[] = []
  const onRefused: ServingDependencies['onRefused'] = (_exchange, failure) => void refusals.push(failure.kind)
  const serving = new Serving({
    path: '/',
    web: webConfig(changes),
    pool,
    users: noUsers,
    clock: systemClock,
    mayShowDetails: () => showsDetails,
    errorPageLink: undefined,
    redispatch: (exchange) => void redispatched.push(exchange),
    onForwardFailed: (_exchange, failure) => void failures.push(failure),
    onRefused,
  })
  const ask = async (asked: Asked = {}) => {
    const exchange = exchangeOf(asked)
    await throughModules(webConfig(changes), serving, onRefused)(exchange)
    return exchange
  }
  return { serving, pool, failures, refusals, redispatched, ask }
}

const report: StartFailure = {
  cause: { why: 'exited', code: 7, signal: null },
  commandLine: 'dotnet secret.dll',
  port: 12345,
  pid: 4,
  attempt: 2,
  steps: [],
  lastLines: ['the last line'],
  advice: ['what to do'],
} as unknown as StartFailure

describe('a request to an application', () => {
  test('is forwarded to a process, whose lease is given back', async () => {
    const { pool, ask } = open()
    const { answers } = await ask()
    expect(answers).toEqual([])
    expect(pool.upstream.forwarded).toHaveLength(1)
    expect(pool.process.requests).toBe(0)
  })

  test('waits for a process; if its client leaves meanwhile, it is not forwarded and its lease is given back', async () => {
    const { pool, serving } = open()
    pool.isReady = false
    const started = deferred<undefined>()
    pool.wait = started.promise
    const [left, stayed] = [exchangeOf(), exchangeOf()]
    const served = Promise.all([serving.serve(left), serving.serve(stayed)])
    left.reply.gone = true
    started.resolve(undefined)
    await served
    expect(pool.upstream.forwarded.map(({ exchange }) => exchange)).toEqual([stayed])
    expect(pool.process.requests).toBe(0)
  })

  test('with a Content-Length above the limit is refused and starts no process', async () => {
    const { pool, ask } = open()
    const body = { length: 11, limit: () => undefined } as unknown as NonNullable<Exchange['body']>
    expect((await ask({ body })).answers).toMatchObject([{ status: 413 }])
    expect((await ask({ body: { ...body, length: 10 } })).answers).toEqual([])
    expect(pool.upstream.forwarded).toHaveLength(1)
  })

  test('with a chunked body is limited while the body comes', async () => {
    const { ask } = open()
    const limits: number[] = []
    const body = { length: undefined, limit: (bytes: number) => limits.push(bytes) }
    await ask({ body: body as unknown as NonNullable<Exchange['body']> })
    expect(limits).toEqual([10])
  })

  test('that fails is reported, and answered unless a response has begun', async () => {
    const { pool, failures, serving } = open()
    pool.upstream.deliver = () => Promise.resolve({ outcome: 'failed', failure: broken })
    const [one, begun, left] = [exchangeOf(), exchangeOf(), exchangeOf()]
    begun.reply.started = true
    left.reply.gone = true
    for (const exchange of [one, begun, left]) await serving.serve(exchange)
    expect(one.answers).toMatchObject([{ status: 502, substatus: 3 }])
    expect(begun.answers).toEqual([])
    expect(begun.reply.aborted).toBe(true)
    expect(left.answers).toEqual([])
    expect(failures).toEqual([broken, broken, broken])
    expect(pool.process.requests).toBe(0)
  })

  test('that did not reach its process, because that was ending, goes to the next one, once', async () => {
    const { pool, serving, failures } = open()
    const refused: ForwardFailure = { ...broken, kind: 'connect' }
    pool.upstream.deliver = () => Promise.resolve({ outcome: 'failed', failure: refused })
    pool.process.end()
    const exchange = exchangeOf()
    await serving.serve(exchange)
    expect(pool.upstream.forwarded).toHaveLength(2)
    expect(failures).toEqual([refused])
    expect(exchange.answers).toMatchObject([{ status: 502 }])
  })

  test('that comes while the application stops gets 503; one that waited goes to the current presence', async () => {
    const { pool, serving, redispatched, ask } = open()
    pool.isReady = false
    pool.refusal = { why: 'retired' }
    const waited = await ask()
    expect(redispatched).toEqual([waited])
    void serving.retire('host-stop')
    expect((await ask()).answers).toMatchObject([{ status: 503 }])
  })

  test.each([
    ['start-failed', { why: 'start-failed', report }, false, [502, 5]],
    ['start-failed, no page wanted', { why: 'start-failed', report }, true, [502, 3]],
    ['rapid-fail', { why: 'rapid-fail', limit: 3 }, false, [502, 5]],
    ['rapid-fail, no page wanted', { why: 'rapid-fail', limit: 3 }, true, [502, 3]],
    ['queue-full', { why: 'queue-full' }, false, [503, 0]],
  ] as const)('that gets no process, %s, is answered', async (_why, refusal, disableStartUpErrorPage, said) => {
    const { pool, ask } = open({ disableStartUpErrorPage })
    pool.isReady = false
    pool.refusal = refusal
    const [answer] = (await ask()).answers
    expect([answer?.status, answer?.substatus]).toEqual(said)
    expect(String(answer?.body)).not.toContain('secret.dll')
    expect(answer?.headers.includes('Retry-After')).toBe(refusal.why === 'queue-full')
  })

  test('that gets no process is told the reason only if it may see details', async () => {
    const { pool, ask } = open({}, new TestPool(), true)
    pool.isReady = false
    pool.refusal = { why: 'start-failed', report }
    const body = String((await ask()).answers[0]?.body)
    for (const said of ['dotnet secret.dll', 'the last line', 'what to do', '7']) expect(body).toContain(said)
  })
})

describe('a request for a WebSocket', () => {
  const upgrade = 'websocket' as unknown as NonNullable<Exchange['upgrade']>
  const cut: ForwardFailure = { ...broken, kind: 'upgrade', started: true }

  test('leases its process as a request until the upgrade, then as a tunnel until it ends', async () => {
    const { pool, serving } = open()
    const ended = deferred<undefined>()
    const held: unknown[] = []
    pool.upstream.deliver = async () => {
      held.push([pool.process.requests, pool.process.tunnels])
      pool.upstream.forwarded[0]?.options.onUpgraded?.()
      held.push([pool.process.requests, pool.process.tunnels])
      await ended.promise
      return { outcome: 'delivered', status: 101 }
    }
    const served = serving.serve({ ...exchangeOf(), upgrade })
    ended.resolve(undefined)
    await served
    held.push([pool.process.requests, pool.process.tunnels])
    expect(held).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ])
  })

  test('that was refused gives its lease back', async () => {
    const { pool, serving } = open()
    await serving.serve({ ...exchangeOf(), upgrade })
    expect([pool.process.requests, pool.process.tunnels]).toEqual([0, 0])
  })

  test('that ends with its process is reported as a failure, unless the process was asked to end', async () => {
    const { pool, serving, failures, refusals } = open()
    pool.upstream.deliver = () => Promise.resolve({ outcome: 'failed', failure: cut })
    const exchange = { ...exchangeOf(), upgrade }
    exchange.reply.started = true
    await serving.serve(exchange)
    expect(failures).toEqual([cut])
    const last = { ...exchangeOf(), upgrade }
    last.reply.started = true
    const served = serving.serve(last)
    void serving.retire('recycle')
    await served
    expect(failures).toEqual([cut])
    expect(refusals).toEqual([])
  })
})

describe('an application that is destroyed or retired', () => {
  test.each([
    ['config-change', 'configuration-changed'],
    ['app-offline', 'offline'],
    ['recycle', 'recycle'],
    ['host-stop', 'host-stopping'],
  ] as const)('retires its pool with the reason for %s', async (reason, told) => {
    const { pool, serving } = open()
    await serving.retire(reason)
    expect(pool.calls).toEqual([`retire ${told}`])
  })

  test('ends its processes at once and leases no more', async () => {
    const { pool, serving, ask } = open()
    serving.destroy()
    expect(pool.calls).toEqual(['destroy'])
    expect((await ask()).answers).toMatchObject([{ status: 503 }])
    expect(pool.upstream.forwarded).toEqual([])
  })
})

describe('with several processes', () => {
  function two() {
    const pool = new TestPool()
    pool.places = 2
    return open({}, pool)
  }

  test('the client gets a cookie with its process unless it sent that one; the app never sees the cookie', async () => {
    const { pool, ask } = two()
    const { id } = pool.process
    await ask()
    await ask({ headers: ['Cookie', `a=1; ${affinityCookie}=${id}`] })
    await ask({ headers: ['Cookie', `${affinityCookie}=other`] })
    await ask({ headers: ['Cookie', `${affinityCookie}=other; ${affinityCookie}=${id}`] })
    const told = ['Set-Cookie', `${affinityCookie}=${id}; Path=/; HttpOnly; SameSite=Lax`]
    const seen = pool.upstream.forwarded.map(({ options }) => [options.addedFields, options.withheldCookie])
    expect(seen).toEqual([
      [told, undefined],
      [undefined, affinityCookie],
      [told, affinityCookie],
      [undefined, affinityCookie],
    ])
  })

  test('no client gets a cookie when there is only one process', async () => {
    const { pool, ask } = open()
    await ask({ headers: ['Cookie', `${affinityCookie}=x`] })
    const { options } = pool.upstream.forwarded[0] ?? {}
    expect([options?.addedFields, options?.withheldCookie]).toEqual([undefined, undefined])
  })
})
