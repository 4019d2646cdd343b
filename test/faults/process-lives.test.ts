import { readdirSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { eventually, pause } from '../support/eventually.ts'
import { processesWith } from '../support/processes.ts'
import { launchOf, poolOf } from '../unit/process/support.ts'

const mark = `MISBEHAVE_LEAKS=${String(process.pid)}`

/** One start that ends well and is stopped, one that is killed, one that fails; by turns. */
async function live(turn: number): Promise<void> {
  const [name = '', value = ''] = mark.split('=')
  const environmentVariables = [{ name, value }]
  const fault = turn % 3 === 2 ? ['exit', '1', '0'] : ['serve']
  const { pool } = poolOf(launchOf(fault, { config: { startAttempts: 1, environmentVariables } }))
  const outcome = await pool.lease()
  if (outcome.ok) outcome.value.release()
  if (turn % 3 === 1) pool.destroy()
  await pool.retire('recycle')
}

/** Descriptors, handles and listeners that this process holds. */
function held() {
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    resources: process.getActiveResourcesInfo().sort(),
    listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
  }
}

async function lives(times: number): Promise<void> {
  // Four at a time: what is shared between lives shows too.
  await Promise.all(
    Array.from({ length: 4 }, async (_, lane) => {
      for (let turn = lane; turn < times; turn += 4) await live(turn)
    }),
  )
  await pause(100)
}

test('after 300 lives no handle, listener, descriptor or process is left', { timeout: 180_000 }, async () => {
  await lives(8)
  const before = held()
  await lives(300)
  await eventually('nothing more is held', () => isDeepStrictEqual(held(), before), 10_000).catch(() => undefined)
  expect(held()).toEqual(before)
  expect(processesWith(mark)).toEqual([])
})
