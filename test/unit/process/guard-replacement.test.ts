import { readFileSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { OrphanGuard } from '../../../src/process/system/orphan-guard.ts'
import { eventually, pause } from '../../support/eventually.ts'
import { childrenOf, commandLineOf, isAlive } from '../../support/processes.ts'

const guards: OrphanGuard[] = []
afterEach(() => {
  for (const guard of guards.splice(0)) guard.close()
})

function open(onFailure?: (reason: string) => void): { guard: OrphanGuard; pid: () => number | undefined } {
  const guard = new OrphanGuard(onFailure)
  guards.push(guard)
  return {
    guard,
    pid: () => childrenOf(process.pid).find((each) => isAlive(each) && commandLineOf(each).endsWith(guard.instance)),
  }
}

/** Whether the system knows that the process ignores SIGHUP, SIGINT, SIGQUIT and SIGTERM. */
function ignores(pid: number): boolean {
  const [, mask = '0'] = /^SigIgn:\s+(\w+)$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? []
  return (BigInt(`0x${mask}`) & 0x4007n) === 0x4007n
}

test('the orphan guard ignores SIGHUP, SIGINT, SIGTERM and SIGQUIT', async () => {
  const { pid } = open()
  const first = await eventually('it is there', pid)
  await eventually('the shell has come to its first line', () => ignores(first))
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.kill(first, signal)
  await pause(100)
  expect(pid()).toBe(first)
})

test('an orphan guard that ends at once is replaced a second later, and not after close()', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { guard, pid } = open()
    let first: number | undefined
    while (first === undefined) {
      await new Promise((resolve) => setImmediate(resolve))
      first = pid()
    }
    process.kill(first, 'SIGKILL')
    while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve))
    vi.advanceTimersByTime(999)
    expect(vi.getTimerCount()).toBe(1)
    expect(pid()).toBeUndefined()
    guard.close()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
