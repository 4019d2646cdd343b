import { expect, test } from 'vitest'
import type { Front } from '../../../../src/listen/front.ts'
import { openHttp1Protocol } from '../../../../src/listen/http1/protocol.ts'
import { HandClock } from '../../../support/hand-clock.ts'
import type { RawSocket } from '../../../support/raw-client.ts'
import { answerOk, clientOf, frontOf } from '../protocols.ts'

/** A front that answers everything with `ok`, on a clock that is moved by hand. */
async function open(): Promise<{ front: Front; clock: HandClock; client: () => Promise<RawSocket> }> {
  const clock = new HandClock()
  const front = await frontOf(openHttp1Protocol(clock), answerOk)
  return { front, clock, client: () => clientOf(front) }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

test('Date is that of the moment, also on a connection that has been open for a while', async () => {
  const { clock, client } = await open()
  const first = await client()
  first.send(GET)
  expect(await first.until('ok')).toContain('Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n')
  clock.advance(5_000)
  first.send(GET)
  expect(await first.until(/ok[^]*ok$/)).toContain('Date: Thu, 01 Jan 1970 00:00:05 GMT\r\n')
})

test('Date is that of the moment for the first who comes after nobody was there', async () => {
  const { front, clock, client } = await open()
  const first = await client()
  first.send(GET)
  await first.until('ok')
  first.destroy()
  await expect.poll(() => front.connections).toBe(0)
  clock.advance(60_000)
  const second = await client()
  second.send(GET)
  expect(await second.until('ok')).toContain('Date: Thu, 01 Jan 1970 00:01:00 GMT\r\n')
})
