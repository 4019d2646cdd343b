import { describe, expect, test } from 'vitest'
import { isAlive } from '../../../support/processes.ts'
import { launchOf, leased, poolOf, type TestPool } from '../support.ts'

/** Works on a pool, and leaves nothing of it running. */
async function withPool(fault: readonly string[], work: (made: TestPool) => Promise<void>, startupTimeLimit = 60_000) {
  const made = poolOf(launchOf(fault, { config: { startupTimeLimit } }))
  try {
    await work(made)
  } finally {
    made.pool.destroy()
    await made.pool.retire('host-stopping')
  }
}

const elsewhere = { why: 'listens-elsewhere', addresses: [expect.stringMatching(/^127\.0\.0\.1:\d+$/)] }

// They wait for seconds, each for itself.
describe.concurrent('an app that listens somewhere else than on its port', () => {
  test('is reported, its requests are refused after some seconds, and served if it listens on its port after all', async () => {
    await withPool(['elsewhere-until-told'], async (made) => {
      const { pool, ears } = made
      const waiting = pool.lease()
      await ears.until('listensElsewhere')
      expect(ears.heard.map(({ name }) => name)).toEqual(['listensElsewhere'])
      const [told] = ears.all('listensElsewhere')[0] ?? []
      expect(told).toMatchObject({ addresses: elsewhere.addresses })

      expect(await waiting).toMatchObject({ ok: false, failure: { why: 'start-failed', report: { cause: elsewhere } } })
      expect(ears.all('processStartFailed')).toHaveLength(1)
      const from = performance.now()
      expect(await pool.lease()).toMatchObject({ ok: false, failure: { why: 'start-failed' } })
      expect(performance.now() - from).toBeLessThan(4000)
      expect(pool.status).toMatchObject([{ state: 'starting' }])

      process.kill(told?.pid ?? Number.NaN, 'SIGUSR2')
      await ears.until('processStarted')
      const lease = await leased(made)
      expect(lease.pid).toBe(told?.pid)
      lease.release()
      expect(pool.history).toMatchObject({ starts: 1, failedStarts: 0 })
    })
  })

  test('and on its port some seconds later: its requests wait for that', async () => {
    await withPool(['elsewhere-until-told'], async (made) => {
      const waiting = leased(made)
      await made.ears.until('listensElsewhere')
      process.kill(made.ears.all('listensElsewhere')[0]?.[0].pid ?? Number.NaN, 'SIGUSR2')
      ;(await waiting).release()
      expect(made.ears.heard.map(({ name }) => name)).toEqual(['listensElsewhere', 'processStarted'])
    })
  })

  test('is ended at startupTimeLimit, is one failure, and is not tried again', async () => {
    const work = async ({ pool, ears }: TestPool): Promise<void> => {
      await pool.lease()
      const [told] = ears.all('listensElsewhere')[0] ?? []
      await ears.until('startAttemptFailed')
      expect(isAlive(told?.pid ?? 0)).toBe(false)
      expect(ears.all('startAttemptFailed').map(([{ cause }, left]) => [cause.why, left])).toEqual([
        ['listens-elsewhere', 0],
      ])
      expect(ears.all('processStartFailed')).toHaveLength(1)
      expect(pool.history).toMatchObject({ starts: 0, failedStarts: 1 })
    }
    await withPool(['listen-elsewhere'], work, 7000)
  })

  test('is ended by a stop while requests wait for it', async () => {
    await withPool(['elsewhere-until-told'], async ({ pool, ears }) => {
      await pool.lease()
      const [told] = ears.all('listensElsewhere')[0] ?? []
      await pool.retire('offline')
      expect(isAlive(told?.pid ?? 0)).toBe(false)
      expect(ears.all('startAttemptFailed')).toEqual([])
    })
  })

  test('is reported when a descendant listens, too', async () => {
    await withPool(['launcher', 'elsewhere-until-told'], async ({ pool, ears }) => {
      const waiting = pool.lease()
      await ears.until('listensElsewhere')
      pool.destroy()
      await waiting
    })
  })
})

test('an app that opens a second port together with its own is not reported', async () => {
  await withPool(['elsewhere-first', '0'], async (made) => {
    ;(await leased(made)).release()
    expect(made.ears.heard.map(({ name }) => name)).toEqual(['processStarted'])
  })
})
