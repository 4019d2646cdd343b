import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { requestHeaders } from '../../src/forward/request-headers.ts'
import { RequestText } from '../../src/forward/request-text.ts'
import type { Exchange } from '../../src/http/exchange.ts'
import type { WireExchange } from '../../src/wire/seam.ts'
import { readRequests } from '../support/strict-reader.ts'
import { openFront } from './front-fixture.ts'
import { mutate, request, split } from './generate.ts'
import { fuzzPlan, Random } from './random.ts'

const TOKEN = '11111111-2222-4333-8444-555555555555'
const { cases, seed } = fuzzPlan(3_000, 20)

/** What would go to the application for one exchange: the head, and the body with its framing. */
interface Forwarded {
  readonly exchange: Exchange
  readonly head: string
  body: string
  /** How the body ended, once it has. */
  ended: 'whole' | 'broken' | undefined
}

test(`what goes to the application is one request, the one that came (seed ${String(seed)})`, {
  timeout: 0,
}, async () => {
  const random = new Random(seed)
  const text = new RequestText(TOKEN)
  let seen: Forwarded[] = []
  const front = await openFront((exchange) => {
    seen.push(forward(exchange, text))
  })
  onTestFinished(() => {
    front.destroy()
  })
  let whole = 0

  for (let i = 0; i < cases; i++) {
    seen = []
    let bytes = ''
    for (let requests = 1 + random.below(3); requests > 0; requests--) bytes += request(random)
    if (random.chance(0.7)) bytes = mutate(random, bytes)
    await send(front.port, split(random, Buffer.from(bytes, 'latin1')))
    for (const forwarded of seen) {
      const context = `case ${String(i)} of seed ${String(seed)}: ${JSON.stringify(bytes)}`
      expect(inOrder(fieldsOf(forwarded.head)), context).toEqual(inOrder(requestHeaders(forwarded.exchange, TOKEN)))
      if (forwarded.ended !== 'whole') continue
      const { requests, rest } = readRequests(forwarded.head + forwarded.body)
      expect({ requests: requests.length, rest }, context).toEqual({ requests: 1, rest: '' })
      expect(requests[0], context).toMatchObject({
        method: forwarded.exchange.method,
        target: forwarded.exchange.target,
      })
      expect(requests[0]?.fields.filter(([name]) => /^ms-aspnetcore-token$/i.test(name))).toHaveLength(1)
      whole++
    }
  }
  expect(whole).toBeGreaterThan(cases / 4)
})

/** Takes an exchange as the forwarder does, and answers it when its body has ended. */
function forward(exchange: Exchange, text: RequestText): Forwarded {
  const wire = exchange.wire as WireExchange
  const forwarded: Forwarded = { exchange, head: text.of(exchange, wire), body: '', ended: undefined }
  const end = (how: 'whole' | 'broken'): void => {
    forwarded.ended = how
    if (!exchange.reply.gone) exchange.reply.answer(how === 'whole' ? ok : bad)
  }
  const { wireBody } = wire
  if (wireBody === undefined) {
    end('whole')
    return forwarded
  }
  forwarded.body = wireBody.takeEarly(8_192)
  if (wireBody.complete) {
    end('whole')
    return forwarded
  }
  wireBody.intoFramed({
    write(chunk) {
      forwarded.body += Buffer.from(chunk).toString('latin1')
      return true
    },
    end() {
      end('whole')
    },
    fail() {
      end('broken')
    },
  })
  return forwarded
}

const ok = { status: 200, substatus: 0, reason: 'OK', headers: [], body: 'ok', close: false }
const bad = { status: 400, substatus: 0, reason: 'Bad Request', headers: [], body: '', close: true }

/** Sends everything and waits until the front has made of it what it can: it ends the connection behind our end. */
async function send(port: number, pieces: readonly Buffer[]): Promise<void> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  socket.on('error', () => undefined)
  socket.resume()
  for (const piece of pieces) socket.write(piece)
  socket.end()
  await once(socket, 'close')
}

function fieldsOf(head: string): string[] {
  const lines = head.split('\r\n').slice(1, -2)
  return lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])
}

/** Fields by name, repeated ones in their order; blanks around values and the casing of names say nothing. */
function inOrder(fields: readonly string[]): string[] {
  const byName = new Map<string, string[]>()
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase()
    byName.set(name, [...(byName.get(name) ?? []), (fields[i + 1] as string).replaceAll(/^[ \t]+|[ \t]+$/g, '')])
  }
  return [...byName].map(([name, values]) => `${name}: ${values.join(' | ')}`).sort()
}
