import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WriteProgress } from '../../../src/listen/write-progress.ts'
import { SendQueues } from '../../../src/platform/send-queues.ts'

const limit = 60_000

/** A client of whom the system tells what the test says, and for whom 1,000 bytes lie here. */
function sending(): { system: { holds: number | undefined }; progress: WriteProgress } {
  const system: { holds: number | undefined } = { holds: 4_000_000 }
  const socket = { bytesWritten: 5_000, writableLength: 1_000 } as Socket
  const queues = { of: () => system.holds } as unknown as SendQueues
  const progress = new WriteProgress(socket, queues)
  progress.hasStalled(0, limit)
  return { system, progress }
}

test('a client that reads 20 KB a second is not cut off, though the system takes nothing more from us for minutes', () => {
  const { system, progress } = sending()
  for (let now = 500; now < 180_000; now += 500) {
    if (now % 10_000 === 0) system.holds = (system.holds ?? 0) - 200_000
    expect(progress.hasStalled(now, limit)).toBe(false)
  }
})

test('a client of whom the system has nothing to tell either has the limit, and no more', () => {
  for (const holds of [4_000_000, undefined]) {
    const { system, progress } = sending()
    system.holds = holds
    expect(progress.hasStalled(limit, limit)).toBe(false)
    expect(progress.hasStalled(limit + 1, limit)).toBe(true)
  }
})

describe('a client that does not read', () => {
  /** A connection that has counted these bytes, and a system that tells nothing. */
  function connected(): { socket: { bytesWritten: number; writableLength: number }; stalls: (now: number) => boolean } {
    const socket = { bytesWritten: 0, writableLength: 0 }
    const progress = new WriteProgress(socket as Socket, new SendQueues())
    return { socket, stalls: (now) => progress.hasStalled(now, 60) }
  }

  test('is known by bytes that do not move', () => {
    const { socket, stalls } = connected()
    expect(stalls(5_000)).toBe(false)
    socket.bytesWritten = 1_100
    socket.writableLength = 100
    expect(stalls(5_100)).toBe(false)
    expect(stalls(5_160)).toBe(false)
    expect(stalls(5_161)).toBe(true)
  })

  test('is not helped by more that is written to it', () => {
    const { socket, stalls } = connected()
    socket.bytesWritten = 1_100
    socket.writableLength = 100
    expect(stalls(5_100)).toBe(false)
    socket.bytesWritten = 1_500
    socket.writableLength = 500
    expect(stalls(5_161)).toBe(true)
  })

  test('reads when some of them move, or when there are none', () => {
    const { socket, stalls } = connected()
    socket.bytesWritten = 1_100
    socket.writableLength = 100
    stalls(5_000)
    socket.writableLength = 99
    expect(stalls(5_061)).toBe(false)
    expect(stalls(5_121)).toBe(false)
    socket.writableLength = 0
    expect(stalls(9_000)).toBe(false)
  })
})
