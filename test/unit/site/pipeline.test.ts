import { describe, expect, test } from 'vitest'
import { type Answer, answerFailure } from '../../../src/http/answer.ts'
import type { ClientCertificateStatus } from '../../../src/http/exchange.ts'
import { deferred } from '../../../src/platform/deferred.ts'
import { createPipeline, type RequestHandler } from '../../../src/site/pipeline.ts'
import { exchangeOf } from './support.ts'

const answerOf = (status: number): Answer => ({ status, headers: [], body: '' }) as unknown as Answer

function open(serve?: RequestHandler['serve']) {
  const finished: string[] = []
  const bugs: unknown[] = []
  const refused: string[] = []
  const handle = createPipeline({
    find: () =>
      serve === undefined ? 'no-application' : { serve, finish: () => void finished.push('by its handler') },
    unrouted: (_exchange, why) => answerOf(answerFailure({ kind: why }).status),
    refused: (_exchange, { kind }) => {
      refused.push(kind)
      return answerOf(403)
    },
    bug: (_exchange, error) => {
      bugs.push(error)
      return answerOf(500)
    },
    finishUnrouted: () => void finished.push('as nobody’s'),
  })
  return { handle, finished, bugs, refused }
}

const mistake = new Error('a mistake')

describe('the certificate that a binding demands', () => {
  const over = (
    clientCertificates: 'ignore' | 'accept' | 'require',
    clientCertificateStatus: ClientCertificateStatus,
  ) => {
    const exchange = exchangeOf()
    const tls = { serverName: '', settings: { clientCertificates }, clientCertificateStatus, keyBits: 128 }
    return { ...exchange, connection: { ...exchange.connection, tls } }
  }

  test.each([
    ['require', 'none', 'certificate-required'],
    ['require', 'untrusted', 'certificate-untrusted'],
    ['require', 'expired', 'certificate-expired'],
    ['accept', 'untrusted', 'certificate-untrusted'],
    ['accept', 'expired', 'certificate-expired'],
  ] as const)('with %s and a certificate that is %s keeps the request from every application', (demand, status, kind) => {
    const { handle, finished, refused } = open(() => {
      throw new Error('the request has got through')
    })
    const exchange = over(demand, status)
    handle(exchange)
    expect(refused).toEqual([kind])
    expect(exchange.answers).toEqual([answerOf(403)])
    expect(finished).toEqual(['as nobody’s'])
  })

  test.each([
    ['ignore', 'none'],
    ['accept', 'none'],
    ['accept', 'trusted'],
    ['require', 'trusted'],
  ] as const)('with %s and a certificate that is %s lets the request pass', (demand, status) => {
    const { handle, finished } = open(() => undefined)
    handle(over(demand, status))
    expect(finished).toEqual(['by its handler'])
  })
})

describe('an exchange is finished once', () => {
  test('when it is for no application, and answered so', () => {
    const { handle, finished } = open()
    const exchange = exchangeOf()
    handle(exchange)
    expect(exchange.answers).toMatchObject([{ status: 404 }])
    expect(finished).toEqual(['as nobody’s'])
  })

  test('when it is answered at once', () => {
    const { handle, finished } = open(() => undefined)
    handle(exchangeOf())
    expect(finished).toEqual(['by its handler'])
  })

  test('when it is answered later, and not before', async () => {
    const served = deferred<undefined>()
    const { handle, finished } = open(() => served.promise)
    handle(exchangeOf())
    expect(finished).toEqual([])
    served.resolve(undefined)
    await new Promise((resolve) => setImmediate(resolve))
    expect(finished).toEqual(['by its handler'])
  })

  test.each([
    [
      'at once',
      () => {
        throw mistake
      },
    ],
    ['later', () => Promise.reject(mistake)],
  ] as const)('when a mistake of ours shows %s, which is told; the client gets an answer', async (_when, serve) => {
    const { handle, finished, bugs } = open(serve)
    const exchange = exchangeOf()
    handle(exchange)
    await new Promise((resolve) => setImmediate(resolve))
    expect(exchange.answers).toMatchObject([{ status: 500 }])
    expect(exchange.reply.aborted).toBe(false)
    expect(bugs).toEqual([mistake])
    expect(finished).toEqual(['by its handler'])
  })

  test('when a bug is met in the middle of a response, which is aborted', async () => {
    const { handle, finished, bugs } = open(() => Promise.reject(mistake))
    const exchange = exchangeOf()
    exchange.reply.started = true
    handle(exchange)
    await new Promise((resolve) => setImmediate(resolve))
    expect(exchange.answers).toEqual([])
    expect(exchange.reply.aborted).toBe(true)
    expect(bugs).toEqual([mistake])
    expect(finished).toEqual(['by its handler'])
  })
})
