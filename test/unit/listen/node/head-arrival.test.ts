import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { HeadArrival } from '../../../../src/listen/node/head-arrival.ts'

test('a head has begun with the third byte behind an exchange: two may be an empty line behind a body', () => {
  const socket = { bytesRead: 0 }
  const head = new HeadArrival(socket as Socket)
  expect(head.hasBegun).toBe(false)
  socket.bytesRead = 3
  expect(head.hasBegun).toBe(true)
  socket.bytesRead = 50
  head.awaitHead()
  socket.bytesRead = 52
  expect(head.hasBegun).toBe(false)
  socket.bytesRead = 53
  expect(head.hasBegun).toBe(true)
})
