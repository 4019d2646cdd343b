import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { SendQueues } from '../../../../src/platform/send-queues.ts'
import { NodeIdleTimeouts } from '../../../../src/listen/node/idle-timeouts.ts'

const limits = { headTimeout: 30, idleTimeout: 120, writeTimeout: 60 }

/** A connection that has counted these bytes, at a time that the test tells. */
function connected(): {
  socket: { bytesRead: number; bytesWritten: number; writableLength: number }
  silence: NodeIdleTimeouts
} {
  const socket = { bytesRead: 0, bytesWritten: 0, writableLength: 0 }
  return { socket, silence: new NodeIdleTimeouts(socket as Socket, limits, 1_000, new SendQueues()) }
}

describe('a client that is silent', () => {
  test('from the start has the time of a head', () => {
    const { silence } = connected()
    expect(silence.overdueAtRest(1_030)).toBeUndefined()
    expect(silence.overdueAtRest(1_031)).toBe('idle')
  })

  test('after a response has the time between requests', () => {
    const { socket, silence } = connected()
    socket.bytesRead = 50
    silence.rest(2_000)
    expect(silence.overdueAtRest(2_120)).toBeUndefined()
    expect(silence.overdueAtRest(2_121)).toBe('idle')
  })
})

describe('a head that does not end', () => {
  test('is counted from the start of a new connection, however its bytes dribble', () => {
    const { socket, silence } = connected()
    socket.bytesRead = 3
    expect(silence.overdueAtRest(1_020)).toBeUndefined()
    socket.bytesRead = 4
    expect(silence.overdueAtRest(1_031)).toBe('head')
  })

  test('is counted from its first byte on a kept connection', () => {
    const { socket, silence } = connected()
    socket.bytesRead = 50
    silence.rest(2_000)
    socket.bytesRead = 53
    expect(silence.overdueAtRest(2_100)).toBeUndefined()
    socket.bytesRead = 54
    expect(silence.overdueAtRest(2_130)).toBeUndefined()
    expect(silence.overdueAtRest(2_131)).toBe('head')
    silence.rest(2_200)
    expect(silence.overdueAtRest(2_320)).toBeUndefined()
  })
})

test('an empty line behind a body is no beginning of a head', () => {
  const { socket, silence } = connected()
  socket.bytesRead = 50
  silence.rest(2_000)
  socket.bytesRead = 52
  expect(silence.headHasBegun).toBe(false)
  expect(silence.overdueAtRest(2_100)).toBeUndefined()
  expect(silence.overdueAtRest(2_121)).toBe('idle')
})

describe('a client that does not read', () => {
  test('is known by bytes that do not move', () => {
    const { socket, silence } = connected()
    expect(silence.clientDoesNotRead(5_000)).toBe(false)
    socket.bytesWritten = 1_100
    socket.writableLength = 100
    expect(silence.clientDoesNotRead(5_100)).toBe(false)
    expect(silence.clientDoesNotRead(5_160)).toBe(false)
    expect(silence.clientDoesNotRead(5_161)).toBe(true)
  })

  test('is not helped by more that is written to it', () => {
    const { socket, silence } = connected()
    socket.bytesWritten = 1_100
    socket.writableLength = 100
    expect(silence.clientDoesNotRead(5_100)).toBe(false)
    socket.bytesWritten = 1_500
    socket.writableLength = 500
    expect(silence.clientDoesNotRead(5_161)).toBe(true)
  })

  test('reads when some of them move, or when there are none', () => {
    const { socket, silence } = connected()
    socket.bytesWritten = 1_100
    socket.writableLength = 100
    silence.clientDoesNotRead(5_000)
    socket.writableLength = 99
    expect(silence.clientDoesNotRead(5_061)).toBe(false)
    expect(silence.clientDoesNotRead(5_121)).toBe(false)
    socket.writableLength = 0
    expect(silence.clientDoesNotRead(9_000)).toBe(false)
  })
})
