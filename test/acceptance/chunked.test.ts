import { expect, test } from 'vitest'
import { connectRaw, sendRaw } from '../support/raw-client.ts'
import { withEachTwin } from '../support/twins.ts'

withEachTwin('framing', {}, (daemon, kind) => {
  test('chunk-contentlength: a length stays a length', async () => {
    const answer = await daemon().send('/contentlength')
    expect(answer.text).toBe('Content Length')
    expect(answer.field('Content-Length')).toEqual(['14'])
    expect(answer.field('Transfer-Encoding')).toEqual([])
  })

  test('chunk-auto: an answer without a length is chunked', async () => {
    const answer = await daemon().send('/chunked')
    expect(answer.text).toBe('Chunked')
    expect(answer.field('Transfer-Encoding')).toEqual(['chunked'])
    expect(answer.field('Content-Length')).toEqual([])
  })

  test('chunk-manual: an answer that the app framed by itself is not framed twice', async () => {
    const answer = await daemon().send('/manuallychunked')
    expect(answer.text).toBe('Manually Chunked')
    expect(answer.field('Transfer-Encoding')).toEqual(['chunked'])
    expect(answer.field('Content-Length')).toEqual([])
  })

  test.each(['HTTP/1.0', 'HTTP/1.1'])('chunk-close: a body arrives whole when the app closes, %s', async (version) => {
    const bytes = `GET /ConnectionClose ${version}\r\nHost: x\r\nConnection: close\r\n\r\n`
    expect((await sendRaw(daemon().port, bytes)).received).toMatch(/\r\n\r\n[\s\S]*Connnection Close/)
  })

  test('chunk-close: so does one that the app framed by itself', async () => {
    expect(await daemon().text('/manuallychunkedandclose')).toBe('Manually Chunked and Close')
  })

  test('chunk-close: an HTTP/1.0 client gets a chunked answer without chunks', async () => {
    const bytes = 'GET /chunked HTTP/1.0\r\nHost: x\r\n\r\n'
    const answer = (await sendRaw(daemon().port, bytes)).received
    expect(answer).not.toMatch(/transfer-encoding/i)
    expect(answer).toMatch(/\r\n\r\nChunked$/)
  })

  test('chunk-endpoints: a type with a chunked body', async () => {
    const answer = await daemon().send('/notchunked')
    expect(answer.text).toBe('NotChunked')
    expect(answer.field('Content-Type')).toEqual(['text/html;charset=UTF-8'])
  })

  test('chunk-request: a chunked body in three pieces, a hundred times', async () => {
    for (let round = 0; round < 100; round += 1) {
      const conversation = await connectRaw(daemon().port)
      conversation.send(
        'POST /ReadFullBody HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
      )
      conversation.send('5\r\nHello\r\n')
      await new Promise((resolve) => setImmediate(resolve))
      conversation.send('0\r\n\r\n')
      expect(await conversation.untilEnded()).toMatch(/^HTTP\/1\.1 200 [\s\S]*Completed/)
      conversation.destroy()
    }
  })

  test('chunk-te-list: a coding other than chunked is refused, not forwarded', async () => {
    const bytes =
      'POST /TransferEncodingHeadersWithMultipleValues HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'
    expect((await sendRaw(daemon().port, bytes)).received).toMatch(/^HTTP\/1\.1 (?:400|501) /)
  })

  test('a length beside chunks is refused and the connection closed', async () => {
    const bytes =
      'POST /TransferEncodingAndContentLengthShouldBeRemove HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n'
    const answer = (await sendRaw(daemon().port, bytes)).received
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })

  if (kind === 'node')
    test('trailers of the app reach the client', async () => {
      const answer = await daemon().send('/Trailer', { headers: { TE: 'trailers' } })
      expect(answer.text).toBe('with a trailer')
      expect(answer.trailers['x-checksum']).toBe('42')
    })

  if (kind === 'node')
    test('early hints of the app reach the client', async () => {
      const bytes = 'GET /EarlyHints HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
      const answer = (await sendRaw(daemon().port, bytes)).received
      expect(answer).toMatch(/^HTTP\/1\.1 103 [\s\S]*?link: <\/style\.css>[\s\S]*?HTTP\/1\.1 200 [\s\S]*Hinted/i)
    })
})
