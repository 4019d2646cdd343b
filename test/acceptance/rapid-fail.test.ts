import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { answerOf, touch } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, misbehavingApp } from '../support/folders.ts'
import { withEachTwin } from '../support/twins.ts'

async function kill(daemon: Daemon, pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await daemon.event('processExited', (event) => event['pid'] === pid)
}

/** Asks and kills until an answer is not 200; resolves with the number of kills before it. */
async function killsUntilRefused(daemon: Daemon, pids: Set<number>): Promise<number> {
  for (let kills = 0; kills < 20; kills += 1) {
    const { status, text } = await daemon.send('/ProcessId')
    if (status !== 200) return kills
    pids.add(Number(text))
    await kill(daemon, Number(text))
  }
  throw new Error('it was never refused')
}

for (const limit of [5, 1, 0]) {
  withEachTwin(
    `rapidFailsPerMinute ${String(limit)}`,
    { edit: { attributes: { rapidFailsPerMinute: String(limit) } } },
    (daemon) => {
      test('rapid-fail: as many deaths as the limit and one more are replaced at once, then no start is made', async () => {
        const pids = new Set<number>()
        expect(await killsUntilRefused(daemon(), pids)).toBe(limit + 1)
        expect(pids.size).toBe(limit + 1)
        const tripped = await daemon().event('rapidFailTripped')
        expect(tripped).toMatchObject({ eventId: 1003, limit })
        expect(tripped.msg).toContain(`'${String(limit)}'`)

        const refused = await daemon().send('/HelloWorld')
        expect(refused.status).toBe(502)
        expect(refused.text).toContain('502.5')
        expect(refused.field('Retry-After')).toEqual([])
        expect(daemon().seen('rapidFailTripped')).toHaveLength(1)
        expect(daemon().seen('processStarted')).toHaveLength(limit + 1)
        expect(daemon().seen('processStartFailed')).toEqual([])
      })
    },
  )
}

describe('the count of rapid fails', () => {
  test('takes a failed start as one, not each of its attempts', async () => {
    const folder = await misbehavingApp('exit 3 0', { attributes: { rapidFailsPerMinute: '1' } })
    const daemon = await startDaemon(folder)
    // A failed start answers for a second; then the next one is made, until the second failure is one too many.
    await eventually('no start is made any more', async () => {
      expect((await daemon.send('/')).status).toBe(502)
      return daemon.seen('rapidFailTripped').length > 0
    })
    expect(daemon.seen('processStartFailed')).toHaveLength(2)
    expect(daemon.seen('processStartAttemptFailed')).toHaveLength(4)
  })

  test('is named on the page to those who may see it, with the last failure', async () => {
    const folder = await misbehavingApp('exit 3 0 "no such table"', {
      attributes: { rapidFailsPerMinute: '0' },
      environment: { ASPNETCORE_ENVIRONMENT: 'Development' },
    })
    const daemon = await startDaemon(folder)
    await daemon.send('/')
    const { status, text } = await daemon.send('/')
    expect(status).toBe(502)
    expect(daemon.seen('rapidFailTripped')).toHaveLength(1)
    expect(text).toContain('it failed more than 0 times within a minute, and is not started until that is over.')
    expect(text).toContain('The last time: the process ended with exit code 3')
    expect(text).toContain('no such table')
  })

  test('begins anew when the application is recycled', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { rapidFailsPerMinute: '0' } })
    const daemon = await startDaemon(folder)
    expect(await killsUntilRefused(daemon, new Set())).toBe(1)
    await touch(`${folder}/web.config`)
    expect((await answerOf(daemon, 200)).text).toBe('Hello World')
  })

  test('leaves out every end that was asked for', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { rapidFailsPerMinute: '0' } })
    const daemon = await startDaemon(folder)
    for (let round = 0; round < 3; round += 1) {
      const pid = await daemon.processId()
      daemon.signal('SIGUSR2')
      await daemon.event('processExited', (event) => event['pid'] === pid)
    }
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    expect(daemon.seen('rapidFailTripped')).toEqual([])
  })

  test('without the start-up page the answer is a bare 502', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { rapidFailsPerMinute: '0', disableStartUpErrorPage: 'true' } })
    const daemon = await startDaemon(folder)
    expect(await killsUntilRefused(daemon, new Set())).toBe(1)
    const refused = await daemon.send('/')
    expect(refused.status).toBe(502)
    expect(refused.text).not.toContain('502.5')
  })
})
