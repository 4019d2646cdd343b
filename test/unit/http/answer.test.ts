import { describe, expect, test } from 'vitest'
import { answerFailure, answerOffline, type Failure } from '../../../src/http/answer.ts'

describe('a failure becomes', () => {
  test.each<[Failure, number, number]>([
    [{ kind: 'start-failed', startUpPage: true }, 502, 5],
    [{ kind: 'start-failed', startUpPage: false }, 502, 3],
    [{ kind: 'rapid-fail', startUpPage: true }, 502, 5],
    [{ kind: 'rapid-fail', startUpPage: false }, 502, 3],
    [{ kind: 'forward-failed' }, 502, 3],
    [{ kind: 'application-stopping' }, 503, 0],
    [{ kind: 'queue-full', retryAfterSeconds: 5 }, 503, 0],
    [{ kind: 'configuration-invalid' }, 500, 19],
    [{ kind: 'application-unusable' }, 500, 0],
    [{ kind: 'unknown-module' }, 500, 21],
    [{ kind: 'no-application' }, 404, 0],
    [{ kind: 'unknown-host' }, 400, 0],
    [{ kind: 'misdirected' }, 421, 0],
    [{ kind: 'site-stopped' }, 404, 0],
    [{ kind: 'pool-stopped' }, 503, 0],
    [{ kind: 'not-handled' }, 404, 4],
    [{ kind: 'listing-denied' }, 403, 14],
    [{ kind: 'bad-request', why: 'it is odd' }, 400, 0],
    [{ kind: 'client-gone' }, 400, 0],
    [{ kind: 'head-too-large' }, 431, 0],
    [{ kind: 'head-too-slow' }, 408, 0],
    [{ kind: 'body-too-large' }, 413, 1],
    [{ kind: 'body-too-slow' }, 408, 0],
    [{ kind: 'unknown-expectation' }, 417, 0],
    [{ kind: 'unknown-coding' }, 501, 0],
    [{ kind: 'method-not-served' }, 501, 0],
    [{ kind: 'unknown-version' }, 505, 0],
    [{ kind: 'bug' }, 500, 0],
  ])('%o: %i.%i', (failure, status, substatus) => {
    const answer = answerFailure(failure)
    expect(answer).toMatchObject({ status, substatus })
    expect(answer.headers.slice(0, 2)).toEqual(['Content-Type', 'text/html; charset=utf-8'])
    expect(answer.body).toMatch(/<\/html>\r\n$/)
    expect(answer.headers.map((each) => each.toLowerCase())).not.toContain('server')
  })

  test('an answer that ends the connection only where further bytes cannot be trusted, or would go astray', () => {
    const closing = (failure: Failure): boolean => answerFailure(failure).close
    expect(closing({ kind: 'bad-request', why: 'it is odd' })).toBe(true)
    expect(closing({ kind: 'body-too-large' })).toBe(true)
    expect(closing({ kind: 'unknown-host' })).toBe(true)
    expect(closing({ kind: 'misdirected' })).toBe(true)
    expect(closing({ kind: 'forward-failed' })).toBe(false)
    expect(closing({ kind: 'no-application' })).toBe(false)
    expect(closing({ kind: 'bug' })).toBe(false)
  })

  test('an answer with Retry-After when the queue is full, and only then', () => {
    expect(answerFailure({ kind: 'queue-full', retryAfterSeconds: 7 }).headers).toEqual([
      'Content-Type',
      'text/html; charset=utf-8',
      'Retry-After',
      '7',
    ])
    expect(answerFailure({ kind: 'application-stopping' }).headers).not.toContain('Retry-After')
  })

  test('a problem document where the client prefers one', () => {
    const answer = answerFailure({ kind: 'body-too-large' }, { accept: 'application/json', details: ['a "line"'] })
    expect(answer.headers).toEqual(['Content-Type', 'application/problem+json; charset=utf-8'])
    expect(JSON.parse(answer.body as string)).toEqual({
      type: 'about:blank',
      title: 'Content Too Large',
      status: 413,
      substatus: 1,
      detail: 'The request body is larger than this application accepts.',
      details: ['a "line"'],
    })
  })

  test('app_offline.htm: its bytes, and a Content-Type without charset', () => {
    const body = Buffer.from('<p>later</p>')
    expect(answerOffline(body)).toMatchObject({
      status: 503,
      substatus: 0,
      headers: ['Content-Type', 'text/html'],
      body,
    })
  })
})

describe('the start-up page', () => {
  const failed: Failure = { kind: 'start-failed', startUpPage: true }

  test('names the failure as ANCM does, and ends where ANCM ends', () => {
    const { body } = answerFailure(failed)
    expect(body).toContain('HTTP Error 502.5 - ANCM Out-Of-Process Startup Failure')
    expect(body).toContain('808681')
    expect(body).toMatch(/[^]<\/html>\r\n$/)
  })

  test('has room for one more link, with the words around it that tests for ANCM look for', () => {
    const { body } = answerFailure(failed, { link: 'http://example' })
    expect(body).toContain('<a href="http://example"> <cite> http://example </cite></a> and ')
  })

  test('is replaced by the short page with disableStartUpErrorPage', () => {
    const { body } = answerFailure({ kind: 'start-failed', startUpPage: false }, { link: 'http://example' })
    expect(body).not.toMatch(/Startup Failure|example|808681/)
    expect(body).toContain('502.3')
  })

  test('shows details only when they are passed', () => {
    expect(answerFailure(failed).body).not.toContain('Details')
    expect(answerFailure(failed, { details: [] }).body).not.toContain('Details')
    expect(answerFailure(failed, { details: ['dotnet App.dll', 'gone'] }).body).toContain('dotnet App.dll\r\ngone')
  })

  test('shows the cause in place of the usual causes when it is passed', () => {
    const { body } = answerFailure(failed, { cause: "'App.dll' was not found." })
    expect(body).toContain('<p>The application process could not be started: &#39;App.dll&#39; was not found.</p>')
    expect(body).not.toMatch(/usually|DETAILEDERRORS/)
    expect(answerFailure(failed).body).toMatch(/usually[^]*DETAILEDERRORS/)
  })

  test('escapes everything that it shows', () => {
    const evil = `"><script>alert('&')</script>`
    const { body } = answerFailure(failed, { cause: evil, details: [evil], link: evil })
    expect(body).not.toContain('<script>')
    expect(body).toContain('&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)')
  })
})

test('the handler page names the failure as ANCM does', () => {
  const { body } = answerFailure({ kind: 'application-unusable' }, { link: 'http://example' })
  expect(body).toContain('HTTP Error 500.0 - ANCM Out-Of-Process Handler Load Failure')
  expect(body).toContain('<a href="http://example"> <cite> http://example </cite></a> and ')
})
