import { describe, expect, test } from 'vitest'
import { deferred } from '../../../src/platform/deferred.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { recycleOneByOne } from '../../../src/site/rolling-recycle.ts'
import { UserForwarding } from '../../../src/site/users/user-forwarding.ts'
import { Serving } from '../../../src/site/serving.ts'
import { noUsers, TestPool, webConfig } from './support.ts'

interface Case {
  readonly running: number
  readonly places?: number
  readonly fixedPort?: boolean
  /** Those of the new processes. */
  readonly users?: UserForwarding
}

function prepared({ running, places = running, fixedPort = false, users = noUsers }: Case) {
  const [oldPool, pool] = [new TestPool(), new TestPool()]
  oldPool.ready = running
  pool.places = places
  const environmentVariables = fixedPort ? [{ name: 'ASPNETCORE_PORT', value: '5000' }] : []
  const [old, next] = [oldPool, pool].map(
    (used) =>
      new Serving({
        path: '/',
        web: webConfig({ environmentVariables }),
        pool: used,
        users: used === pool ? users : noUsers,
        clock: systemClock,
        mayShowDetails: () => false,
        errorPageLink: undefined,
        redispatch: () => undefined,
        onForwardFailed: () => undefined,
        onRefused: () => undefined,
      }),
  ) as [Serving, Serving]
  const overtaken = deferred<'superseded'>()
  let isOvertaken = false
  const outcome = () =>
    recycleOneByOne({
      next,
      old,
      reason: 'recycle',
      takeOver: () => void pool.calls.push('begin'),
      superseded: overtaken.promise,
      isSuperseded: () => isOvertaken,
    })
  const overtake = (): void => {
    isOvertaken = true
    overtaken.resolve('superseded')
  }
  return { pool, outcome, overtake }
}

describe('a rolling recycle', () => {
  test('starts no process when none is running', async () => {
    const { pool, outcome } = prepared({ running: 0 })
    expect(await outcome()).toBe('complete')
    expect(pool.calls).toEqual(['begin'])
  })

  test('with a fixed port starts no process before the old one has ended', async () => {
    const { pool, outcome } = prepared({ running: 1, fixedPort: true })
    expect(await outcome()).toBe('complete')
    expect(pool.calls).toEqual(['begin'])
  })

  test('of one process: the new one listens before the old one is asked to end', async () => {
    const { pool, outcome } = prepared({ running: 1 })
    expect(await outcome()).toBe('complete')
    expect(pool.calls).toEqual(['start', 'adopt 1', 'begin', 'end 1 recycle'])
  })

  test('of three processes replaces them one by one', async () => {
    const { pool, outcome } = prepared({ running: 3 })
    expect(await outcome()).toBe('complete')
    expect(pool.calls).toEqual([
      ...['start', 'adopt 3', 'begin', 'end 1 recycle'],
      ...['start', 'end 1 recycle'],
      ...['start', 'end 3 recycle'],
    ])
  })

  test('of three processes that know nothing of users gives them none: they end when the first new one listens', async () => {
    const users = new UserForwarding({ process: {}, authentication: ['basic'] }, () => undefined)
    const { pool, outcome } = prepared({ running: 3, users })
    expect(await outcome()).toBe('complete')
    expect(pool.calls.filter((call) => !call.startsWith('end '))).toEqual(['start', 'begin', 'start', 'start'])
  })

  test('from three processes to fewer ends all old ones with the last start', async () => {
    const { pool, outcome } = prepared({ running: 3, places: 2 })
    expect(await outcome()).toBe('complete')
    expect(pool.calls.slice(-2)).toEqual(['start', 'end 3 recycle'])
    expect(pool.calls.filter((call) => call === 'start')).toHaveLength(2)
  })

  test('of one process whose successor cannot be started ends it, as in ANCM', async () => {
    const { pool, outcome } = prepared({ running: 1 })
    pool.starts = false
    expect(await outcome()).toBe('complete')
    expect(pool.calls).toContain('begin')
  })

  test('of several processes changes nothing when the first new one cannot be started', async () => {
    const { pool, outcome } = prepared({ running: 2 })
    pool.starts = false
    expect(await outcome()).toBe('failed')
    expect(pool.calls).toEqual(['start'])
  })

  test('that is superseded before a new process listens changes nothing', async () => {
    const { pool, outcome, overtake } = prepared({ running: 1 })
    pool.starts = new Promise(() => undefined)
    const came = outcome()
    overtake()
    expect(await came).toBe('superseded')
    expect(pool.calls).toEqual(['start'])
  })

  test('that is superseded at the moment a new process listens changes nothing either', async () => {
    const { pool, outcome, overtake } = prepared({ running: 1 })
    const started = deferred<boolean>()
    pool.starts = started.promise
    const came = outcome()
    started.resolve(true)
    overtake()
    expect(await came).toBe('superseded')
    expect(pool.calls).toEqual(['start'])
  })
})
