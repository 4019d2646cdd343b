import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { WriteProgress } from '../../../src/listen/write-progress.ts'
import type { SendQueues } from '../../../src/platform/send-queues.ts'

const limit = 60_000

/** A client of whom the system tells what the test says, and for whom 1,000 bytes lie here. */
function sending(): { system: { holds: number | undefined }; progress: WriteProgress } {
  const system: { holds: number | undefined } = { holds: 4_000_000 }
  const socket = { bytesWritten: 5_000, writableLength: 1_000 } as Socket
  const queues = { of: () => system.holds } as unknown as SendQueues
  const progress = new WriteProgress(socket, queues)
  progress.stalls(0, limit)
  return { system, progress }
}

test('a client that reads 20 KB a second is not cut off, though the system takes nothing more from us for minutes', () => {
  const { system, progress } = sending()
  for (let now = 500; now < 180_000; now += 500) {
    if (now % 10_000 === 0) system.holds = (system.holds ?? 0) - 200_000
    expect(progress.stalls(now, limit)).toBe(false)
  }
})

test('a client of whom the system has nothing to tell either has the limit, and no more', () => {
  for (const holds of [4_000_000, undefined]) {
    const { system, progress } = sending()
    system.holds = holds
    expect(progress.stalls(limit, limit)).toBe(false)
    expect(progress.stalls(limit + 1, limit)).toBe(true)
  }
})
