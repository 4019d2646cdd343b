import { describe, expect, test } from 'vitest'
import { AnswerReader } from '../../bench/load/answers.mjs'
import { requestBytes } from '../../bench/load/request.mjs'
import { parseWrk, wrkCommand } from '../../bench/load/wrk.mjs'

const output = `Running 3s test @ http://127.0.0.1:8080/plaintext
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.72ms    1.03ms  22.17ms   93.50%
    Req/Sec    38.17k     3.02k   42.61k    83.99%
  Latency Distribution
     50%    1.52ms
     75%    1.80ms
     90%  950.00us
     99%    1.02s
  113941 requests in 3.00s, 15.32MB read
`

describe('the load of the benchmark', () => {
  test('what wrk says is read, whatever its units', () => {
    expect(parseWrk(output)).toEqual({ requests: 113_941, errors: 0, p50: 1520, p99: 1_020_000 })
  })

  test('every kind of error that wrk counts is an error', () => {
    const failed = `${output}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\n`
    expect(parseWrk(failed).errors).toBe(15)
  })

  test('what is not the output of wrk has no requests', () => {
    expect(parseWrk('unable to connect')).toMatchObject({ requests: 0, p50: Number.NaN })
  })

  test('header fields reach wrk as they are', () => {
    const command = wrkCommand({ port: 1, path: '/x', connections: 2, seconds: 3, headers: { Accept: '*/*' } })
    expect(command).toEqual(['wrk', '-t1', '-c2', '-d3s', '--latency', '-H', 'Accept: */*', 'http://127.0.0.1:1/x'])
  })

  test('a request of our own is complete', () => {
    expect(requestBytes({ path: '/x', port: 1, headers: { A: 'b' }, body: 3 }).toString()).toBe(
      'POST /x HTTP/1.1\r\nHost: 127.0.0.1:1\r\nA: b\r\nContent-Type: application/octet-stream\r\nContent-Length: 3\r\n\r\nxxx',
    )
  })

  const answers = Buffer.from(
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' +
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n' +
      'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n' +
      'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhal',
  )

  test.each([1, 2, 3, 7, 20, 1000])('the ends of answers are found in pieces of %i bytes', (size) => {
    const seen = []
    const reader = new AnswerReader((status) => seen.push(status))
    for (let at = 0; at < answers.length; at += size) reader.read(answers.subarray(at, at + size))
    expect(seen).toEqual([200, 200, 404])
    reader.read(Buffer.from('f'))
    expect(seen).toEqual([200, 200, 404, 200])
  })
})
