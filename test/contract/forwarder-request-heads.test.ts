import { describe, expect, test } from 'vitest'
import { valuesOf } from '../support/strict-reader.ts'
import { engines } from './engines.ts'
import { ask, openApp, openFront, openPipeline, TOKEN } from './fixtures.ts'

const request = (method: string, ...fields: readonly string[]): string =>
  `${method} / HTTP/1.1\r\nHost: h\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`

describe.each(engines)('heads of requests sent on by $name', (engine) => {
  test('carry the token of the process they go to, also on a connection whose client had the one before', async () => {
    const apps = [await openApp(), await openApp()]
    const tokens = [TOKEN, TOKEN.replace('1111', '9999')]
    const upstreams = apps.map(({ port }, n) => engine.openUpstream({ port, token: tokens[n] as string }))
    let asked = 0
    const { connect } = await openFront(engine, (exchange) => {
      const options = { requestTimeout: 0, forwardResponseConnectionHeader: false }
      void upstreams[asked++ % 2]?.forward(exchange, options)
    })
    const client = await connect()
    for (let count = 1; count <= 4; count++) {
      client.send(request('GET'))
      await client.until((received) => received.split('\r\n\r\nok').length === count + 1)
    }
    const seen = apps.map(({ requests }) => requests.map(({ fields }) => valuesOf(fields, 'MS-ASPNETCORE-TOKEN')))
    expect(seen).toEqual(tokens.map((token) => [[token], [token]]))
    for (const upstream of upstreams) upstream.close()
  })

  test.each([
    [['X-Forwarded-For: 203.0.113.9'], '203.0.113.9, 203.0.113.9', 'http'],
    [['X-Forwarded-Proto: https'], 'us', 'https, https'],
    [
      ['x-forwarded-for: 6.6.6.6', 'X-Forwarded-Proto: https', 'X-Forwarded-For: [2001:db8::1]:5, 127.0.0.2'],
      '6.6.6.6, [2001:db8::1]:5, 127.0.0.2, [2001:db8::1]:5',
      'https, https',
    ],
    [['X_Forwarded_For: 6.6.6.6', 'X-Forwarded_Proto: https'], 'us', 'http'],
    [['X-Forwarded-For: 203.0.113.9, unknown'], '203.0.113.9, unknown, us', 'http'],
  ])('of a trusted proxy continue its lists %j with the client, and those of the next request are its own', async (fields, addresses, schemes) => {
    const app = await openApp()
    const pipeline = await openPipeline(engine, app.port, { trustedProxies: ['127.0.0.0/8'] })
    const client = await pipeline.connect()
    const others = ['Forwarded: for=203.0.113.9', 'X-Forwarded-Host: public.example']
    await ask(pipeline, client, request('GET', ...fields, ...others))
    await ask(pipeline, client, request('GET', 'X-Forwarded-For: 198.51.100.7:80'))
    await ask(pipeline, client, request('GET'))
    const us = `127.0.0.1:${String(client.socket.localPort)}`
    const lists = app.requests.map((one) =>
      ['For', 'Proto', 'Host'].map((name) => valuesOf(one.fields, `X-Forwarded-${name}`)),
    )
    expect(lists).toEqual([
      [[addresses.replace('us', us)], [schemes], ['public.example']],
      [['198.51.100.7:80, 198.51.100.7:80'], ['http'], []],
      [[us], ['http'], []],
    ])
    expect(app.requests.map((one) => valuesOf(one.fields, 'Forwarded'))).toEqual([['for=203.0.113.9'], [], []])
  })

  test.each([
    'Forwarded: for=203.0.113.9;proto=https',
    'X-Forwarded-For: 203.0.113.9',
    'x-forwarded-proto: https',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Port: 443',
    'X-Forwarded-Prefix: /x',
    'X-Forwarded-Client-Cert: x',
    'X-Forwarded: x',
    'X_FORWARDED_FOR: 203.0.113.9',
    'x-forwarded_proto: https',
    'X_Forwarded-Host: evil.example',
  ])('of a stranger lack its %s', async (field) => {
    const app = await openApp()
    for (const trustedProxies of [[], ['10.0.0.0/8']]) {
      const pipeline = await openPipeline(engine, app.port, { trustedProxies })
      const client = await pipeline.connect()
      await ask(pipeline, client, request('GET', field, 'X-Kept: 1', field))
      await ask(pipeline, client, request('GET', 'Connection: x-hop', 'X-Hop: 1', field, 'X-Kept: 1'))
      const us = `127.0.0.1:${String(client.socket.localPort)}`
      for (const { fields } of app.requests.slice(-2)) {
        expect(fields.filter(([name]) => !/^(host|connection)$/i.test(name))).toEqual([
          ['X-Kept', '1'],
          ['X-Forwarded-For', us],
          ['X-Forwarded-Proto', 'http'],
          ['MS-ASPNETCORE-TOKEN', TOKEN],
        ])
      }
    }
  })

  test.each([
    ['POST', ['0']],
    ['PUT', ['0']],
    ['PATCH', ['0']],
    ['GET', []],
    ['DELETE', []],
  ])('say of a %s without a body and without a length: Content-Length %j', async (method, lengths) => {
    const app = await openApp()
    const pipeline = await openPipeline(engine, app.port)
    await ask(pipeline, await pipeline.connect(), request(method))
    expect(valuesOf(app.requests[0]?.fields ?? [], 'Content-Length')).toEqual(lengths)
  })

  test.each([
    ['trailers', ['trailers']],
    ['gzip, trailers', ['trailers']],
    ['Trailers;q=0.5, gzip', []],
    ['gzip', []],
  ])('bring of TE %j only what the front keeps as well: %j', async (value, kept) => {
    const app = await openApp()
    const pipeline = await openPipeline(engine, app.port)
    await ask(pipeline, await pipeline.connect(), request('GET', `TE: ${value}`, 'X-Last: 1'))
    const fields = app.requests[0]?.fields ?? []
    expect([valuesOf(fields, 'TE'), valuesOf(fields, 'X-Last')]).toEqual([kept, ['1']])
  })

  test('leave out the withheld cookie, and no other', async () => {
    const app = await openApp()
    const pipeline = await openPipeline(engine, app.port, { withheldCookie: 'Affinity' })
    await ask(pipeline, await pipeline.connect(), request('GET', 'Cookie: a=1; Affinity=secret; b=2'))
    expect(valuesOf(app.requests[0]?.fields ?? [], 'Cookie')).toEqual(['a=1; b=2'])
  })
})
