import { connect } from 'node:http2'
import { brotliDecompressSync, constants, gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { compression, compressionSchemes } from '../../src/site/modules/compression/compression.ts'
import type { ModuleSteps } from '../../src/site/modules/module.ts'
import { readSection, stepsFor } from '../unit/site/modules/section.ts'
import type { Answerer } from '../support/recorder.ts'
import { engines, tlsEngines } from './engines.ts'
import { http2Engines } from './http2-fixtures.ts'
import { openSite, say } from './open-site.ts'

const page = 'All work and no play makes Jack a dull boy. '.repeat(200)
const head = (fields: string): string => `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${fields}`
const html = say(
  `${head(`ETag: "x"\r\nAccept-Ranges: bytes\r\nContent-Length: ${String(page.length)}\r\n`)}\r\n${page}`,
)
const get = (fields: string, version = '1.1', method = 'GET'): string =>
  `${method} / HTTP/${version}\r\nHost: h\r\n${fields}\r\n`

const on = '<urlCompression doDynamicCompression="true" />'
function compressing(http = '<httpCompression />'): readonly ModuleSteps[] {
  const { settings } = readSection(compressionSchemes, http)
  return [stepsFor(compression, [on], { sections: { httpCompression: settings } })]
}

/** The body of the one response in these bytes, as it was before it was cut into chunks; undefined: it is not whole. */
function dechunked(received: string): Buffer | undefined {
  let at = received.indexOf('\r\n\r\n') + 4
  const parts: string[] = []
  for (;;) {
    const line = received.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(received.slice(at, line), 16)
    if (size === 0) return Buffer.from(parts.join(''), 'latin1')
    if (received.length < line + 2 + size) return undefined
    parts.push(received.slice(line + 2, line + 2 + size))
    at = line + 4 + size
  }
}

describe.each([...engines, ...tlsEngines])('compression, through $name', (engine) => {
  const ask = async (request: string, answer: Answerer = html, steps = compressing()) => {
    const { client } = await openSite(engine, steps, answer)
    client.send(request)
    return client
  }
  const whole = (bytes: string): boolean => bytes.endsWith('0\r\n\r\n')

  test.each([
    ['gzip', 'gzip', gunzipSync],
    ['br, gzip', 'br', brotliDecompressSync],
    ['gzip, br', 'br', brotliDecompressSync],
  ])('a client that takes %s gets %s', async (accepted, coding, decode) => {
    const received = await (await ask(get(`Accept-Encoding: ${accepted}\r\n`))).until(whole)
    expect(received).toMatch(new RegExp(`^Content-Encoding: ${coding}\r$`, 'm'))
    expect(received).toMatch(/^ETag: W\/"x"\r$/m)
    expect(received).toMatch(/^Vary: Accept-Encoding\r$/m)
    expect(received).not.toMatch(/^(?:content-length|accept-ranges):/im)
    expect(decode(dechunked(received) ?? Buffer.alloc(0)).toString()).toBe(page)
  })

  test('schemes are offered in the order of the file', async () => {
    const steps = compressing('<httpCompression><scheme name="gzip" /><scheme name="br" /></httpCompression>')
    expect(await (await ask(get('Accept-Encoding: br, gzip\r\n'), html, steps)).until(whole)).toMatch(
      /^Content-Encoding: gzip\r$/m,
    )
  })

  test.each([
    ['that refuses gzip', get('Accept-Encoding: gzip;q=0\r\n')],
    ['that says nothing', get('')],
    ['that asks for a part', get('Accept-Encoding: gzip\r\nRange: bytes=0-\r\n')],
    ['behind a proxy', get('Accept-Encoding: gzip\r\nVia: 1.1 p\r\n')],
    ['of HTTP/1.0', get('Accept-Encoding: gzip\r\nConnection: keep-alive\r\n', '1.0')],
    ['that wants no transformation', get('Accept-Encoding: gzip\r\nCache-Control: no-transform\r\n')],
  ])('a client %s gets it plain, and caches learn what it depends on', async (_who, request) => {
    const received = await (await ask(request)).until((bytes) => bytes.endsWith(page))
    expect(received).not.toMatch(/^content-encoding:/im)
    expect(received).toMatch(/^Vary: Accept-Encoding\r$/m)
    expect(received).toMatch(/^ETag: "x"\r$/m)
    expect(received).toMatch(/^Accept-Ranges: bytes\r$/m)
  })

  test('without noCompressionForHttp10, -Proxies and -Range these get it compressed', async () => {
    const steps = compressing(
      '<httpCompression noCompressionForHttp10="false" noCompressionForProxies="false" noCompressionForRange="false" />',
    )
    const client = await ask(get('Accept-Encoding: gzip\r\nVia: 1.1 p\r\nRange: bytes=0-\r\n', '1.0'), html, steps)
    expect(await client.ended).toBe('end')
    const body = client.received.slice(client.received.indexOf('\r\n\r\n') + 4)
    expect(gunzipSync(Buffer.from(body, 'latin1')).toString()).toBe(page)
  })

  test('HEAD has no body and the length of the plain one', async () => {
    const length = `Content-Length: ${String(page.length)}`
    const received = await (
      await ask(get('Accept-Encoding: gzip\r\n', '1.1', 'HEAD'), say(`${head(`${length}\r\n`)}\r\n`))
    ).until('\r\n\r\n')
    expect(received).toContain(length)
    expect(received).toMatch(/^Vary: Accept-Encoding\r$/m)
  })

  test.each([
    ['what the app has compressed', head('Content-Encoding: br\r\nContent-Length: 5000\r\n'), false],
    ['a type that is switched off', 'HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n', false],
    ['events', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 5000\r\n', false],
    ['gRPC', 'HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nContent-Length: 5000\r\n', false],
    ['what must not be changed', head('Cache-Control: no-transform\r\nContent-Length: 5000\r\n'), false],
    ['a short body', head('Content-Length: 5\r\n'), true],
  ])('%s leaves as it comes', async (_what, fields, varies) => {
    const length = Number(/Content-Length: (\d+)/.exec(fields)?.[1])
    const body = 'a'.repeat(length)
    const received = await (await ask(get('Accept-Encoding: gzip\r\n'), say(`${fields}\r\n${body}`))).until((bytes) =>
      bytes.endsWith(`\r\n\r\n${body}`),
    )
    expect(received).not.toMatch(/^content-encoding: gzip/im)
    expect(/^vary:/im.test(received)).toBe(varies)
  })

  test('chunks leave as they come, and trailers behind the last', async () => {
    let sendMore: (() => void) | undefined
    const streaming: Answerer = (_request, connection) => {
      connection.send(`${head('Transfer-Encoding: chunked\r\nTrailer: X-End\r\n')}\r\n5\r\nfirst\r\n`)
      sendMore = () => {
        connection.send('6\r\nsecond\r\n0\r\nX-End: 1\r\n\r\n')
      }
    }
    const client = await ask(get('Accept-Encoding: gzip\r\n'), streaming)
    const soFar = (bytes: string): string => {
      const at = bytes.indexOf('\r\n\r\n')
      const body = dechunked(`${bytes}0\r\n`)
      if (at < 0 || body === undefined || body.length === 0) return ''
      return gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH }).toString()
    }
    await client.until((bytes) => soFar(bytes) === 'first')
    sendMore?.()
    const received = await client.until('X-End: 1\r\n\r\n')
    expect(gunzipSync(dechunked(received) ?? Buffer.alloc(0)).toString()).toBe('firstsecond')
  })

  test('an app that breaks off in the middle is no clean end', async () => {
    const cut: Answerer = (_request, connection) => {
      connection.send(`${head('Transfer-Encoding: chunked\r\n')}\r\n5\r\nfirst\r\n`)
      void connection.until('GET').then(() => {
        connection.destroy()
      })
    }
    const client = await ask(get('Accept-Encoding: gzip\r\n'), cut)
    await client.ended
    expect(whole(client.received)).toBe(false)
  })

  test('a client that goes away ends the response, and its place is free for the next', async () => {
    const endless: Answerer = (_request, connection) => {
      connection.send(`${head('Transfer-Encoding: chunked\r\n')}\r\n5\r\nfirst\r\n`)
    }
    const steps = compressing('<httpCompression maxConcurrentCompressions="1" />')
    const { client, app } = await openSite(engine, steps, endless)
    client.send(get('Accept-Encoding: gzip\r\n'))
    await client.until('\r\n\r\n')
    client.destroy()
    expect(await (await app.connection()).ended).toBeDefined()
  })

  test('more responses at a time than maxConcurrentCompressions stay plain', async () => {
    const steps = compressing('<httpCompression maxConcurrentCompressions="0" />')
    const client = await ask(get('Accept-Encoding: gzip\r\n'), html, steps)
    expect(await client.until((bytes) => bytes.endsWith(page))).not.toMatch(/^content-encoding:/im)
  })

  test('a client that reads slowly gets all of a large response', async () => {
    let seed = 1
    const noise = Buffer.from(
      Array.from({ length: 1_000_000 }, () => {
        seed = (seed * 48_271) % 2_147_483_647
        return seed & 0x7f
      }),
    )
    const large: Answerer = (_request, connection) => {
      connection.send(`${head(`Content-Length: ${String(noise.length)}\r\n`)}\r\n`)
      connection.send(noise)
    }
    const client = await ask(get('Accept-Encoding: gzip\r\n'), large)
    client.socket.pause()
    await new Promise((resolve) => setImmediate(resolve))
    client.socket.resume()
    const received = await client.until(whole)
    expect(gunzipSync(dechunked(received) ?? Buffer.alloc(0)).equals(noise)).toBe(true)
  })
})

describe.each(http2Engines)('compression, through $name', (engine) => {
  test('a client that takes gzip gets gzip, with its end', async () => {
    const { port } = await openSite(
      engine,
      compressing('<httpCompression><scheme name="gzip" /></httpCompression>'),
      html,
    )
    const session = connect(`http://127.0.0.1:${String(port)}`)
    onTestFinished(() => {
      session.destroy()
    })
    const stream = session.request({ ':path': '/', 'accept-encoding': 'gzip' })
    const head = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
      stream.on('response', resolve)
    })
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    expect(await head).toMatchObject({
      ':status': 200,
      'content-encoding': 'gzip',
      etag: 'W/"x"',
      vary: 'Accept-Encoding',
    })
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(page)
  })
})
