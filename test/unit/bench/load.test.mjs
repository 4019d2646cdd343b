import { describe, expect, test } from 'vitest'
import { AnswerReader } from '../../bench/load/answers.mjs'
import { h2loadCommand, parseH2load } from '../../bench/load/h2load.mjs'
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

  test('over TLS the peer is asked by the name in its certificate', () => {
    const command = wrkCommand({ port: 1, path: '/x', connections: 2, seconds: 3, tls: true })
    expect(command.at(-1)).toBe('https://localhost:1/x')
    expect(requestBytes({ path: '/x', port: 1, tls: true }).toString()).toContain('\r\nHost: localhost:1\r\n')
  })

  test('the concurrent requests of HTTP/2 are streams of a few connections', () => {
    const task = { port: 1, path: '/x', connections: 64, seconds: 3, headers: { A: 'b' } }
    expect(h2loadCommand(task, 'file')).toEqual([
      'h2load',
      '--clients=4',
      '--max-concurrent-streams=16',
      '--duration=3',
      '-H',
      'A: b',
      '--data=file',
      '--connect-to=127.0.0.1:1',
      'https://localhost:1/x',
    ])
  })

  const h2load = `Application protocol: h2
finished in 3.00s, 4000.00 req/s, 277.60KB/s
requests: 4028 total, 4060 started, 4028 done, 4000 succeeded, 28 failed, 26 errored, 1 timeout
status codes: 4000 2xx, 3 3xx, 4 4xx, 5 5xx
`

  test('what h2load says is read, with every kind of error', () => {
    expect(parseH2load(h2load)).toMatchObject({ requests: 4000, errors: 40 })
    const flawless = h2load
      .replace('28 failed, 26 errored, 1 timeout', '0 failed, 0 errored, 0 timeout')
      .replace('3 3xx, 4 4xx, 5 5xx', '0 3xx, 0 4xx, 0 5xx')
    expect(parseH2load(flawless)).toMatchObject({ requests: 4000, errors: 0 })
  })

  test('h2load that was not answered in HTTP/2 has measured nothing', () => {
    expect(parseH2load(h2load.replace('protocol: h2', 'protocol: http/1.1')).errors).toBe(41)
    expect(parseH2load('')).toMatchObject({ requests: 0, errors: 1 })
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
