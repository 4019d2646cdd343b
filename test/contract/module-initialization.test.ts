import { describe, expect, onTestFinished, test } from 'vitest'
import { warmUp } from '../../src/site/modules/application-initialization/warm-up.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { Answerer } from '../support/recorder.ts'
import { engines } from './engines.ts'
import { openApp, TOKEN } from './fixtures.ts'
import { say } from './open-site.ts'

const page = (initializationPage: string, hostName = '') => ({ initializationPage, hostName })

describe.each(engines.slice(0, 2))('application initialization, through $name', (engine) => {
  const initialize = async (answer: Answerer | undefined, limitMs = 30_000, signal = new AbortController().signal) => {
    const app = await openApp(answer)
    const upstream = engine.openUpstream({ port: app.port, token: TOKEN })
    onTestFinished(() => {
      upstream.close()
    })
    const failed: string[] = []
    const over = warmUp({
      pages: [page('/one?a=b'), page('/two', 'shop.example')],
      applicationPath: '/sub',
      upstream,
      limitMs,
      clock: systemClock,
      signal,
      onFailed: (path, why) => failed.push(`${path} ${why}`),
    })
    return { app, over, failed }
  }

  test('the pages are asked for one after the other, with their hosts and the token', async () => {
    const { app, over, failed } = await initialize(say('HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabc'))
    await over
    const asked = app.requests.map(({ target, fields }) => {
      const of = (name: string) => fields.find(([written]) => written.toLowerCase() === name)?.[1]
      return [target, of('host'), of('ms-aspnetcore-token')]
    })
    expect(asked).toEqual([
      ['/sub/one?a=b', 'localhost', TOKEN],
      ['/sub/two', 'shop.example', TOKEN],
    ])
    expect(failed).toEqual([])
  })

  test('a page that the app sends to https is made as over https, and no other redirect is followed', async () => {
    const { app, over, failed } = await initialize(({ target }, connection) => {
      const to = target === '/sub/two' ? 'https://login.example/' : `https://localhost:8443${target}`
      connection.send(`HTTP/1.1 307 Temporary Redirect\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`)
    })
    await over
    const asked = app.requests.map(({ target, fields }) => [
      target,
      fields.find(([name]) => name.toLowerCase() === 'x-forwarded-proto')?.[1],
    ])
    expect(asked).toEqual([
      ['/sub/one?a=b', 'http'],
      ['/sub/one?a=b', 'https'],
      ['/sub/two', 'http'],
    ])
    expect(failed).toEqual([])
  })

  test('a page that is an error, and one that is not answered, are told', async () => {
    const answers: Answerer = ({ target }, connection) => {
      if (target === '/sub/one?a=b') connection.send('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n')
      else connection.destroy()
    }
    const { over, failed } = await initialize(answers)
    await over
    expect(failed).toEqual(['/one?a=b its status is 500', expect.stringMatching(/^\/two .+/)])
  })

  test('an app that never answers holds nothing up for ever', async () => {
    const { over, failed } = await initialize(() => undefined, 100)
    await over
    expect(failed).toEqual(['/one?a=b it took too long', '/two there was no time left for it'])
  })

  test('a process that is to end is not asked any more, and nothing is told', async () => {
    const ended = new AbortController()
    const { over, failed } = await initialize(
      () => {
        ended.abort()
      },
      30_000,
      ended.signal,
    )
    await over
    expect(failed).toEqual([])
  })
})
