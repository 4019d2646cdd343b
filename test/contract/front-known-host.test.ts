import { describe, expect, test } from 'vitest'
import { engines } from './engines.ts'
import { Exchanges, openFront, say } from './fixtures.ts'

// What was found valid once on a connection is not looked at again, if it is the same.
describe.each(engines)('on a connection of $name whose Host is known', (engine) => {
  test.each([
    ['TRACE is refused', 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 501 /],
    ['CONNECT is refused', 'CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 (400|501) /],
    ['another Host of the same length is looked at', 'GET / HTTP/1.1\r\nHost: /\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['and so is one that only begins like it', 'GET / HTTP/1.1\r\nHost: a/\r\n\r\n', /^HTTP\/1\.1 400 /],
  ])('%s', async (_what, bytes, answer) => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    say(await exchanges.next(), 'known')
    const { length } = await client.until('known')
    client.send(bytes)
    const received = await client.untilEnded()
    expect(received.slice(length)).toMatch(answer)
    expect(exchanges.all).toHaveLength(1)
  })
})
