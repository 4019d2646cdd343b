import { describe, expect, test } from 'vitest'
import type { HstsConfig } from '../../../../src/config/host-settings.ts'
import { composeModules } from '../../../../src/site/compose-modules.ts'
import { fieldsBehind, prepareFields } from '../../../../src/http/response-fields.ts'
import { hsts } from '../../../../src/site/modules/hsts.ts'
import type { ApplicationFacts } from '../../../../src/site/modules/module.ts'
import { exchangeOf } from '../support.ts'

const plain: HstsConfig = { maxAge: 31_536_000, includeSubDomains: false, preload: false, redirectHttpToHttps: false }

/** What becomes of a request: the fields of its response, and the answer if there is one of the module's own. */
function ask(
  settings: HstsConfig | undefined,
  scheme: 'http' | 'https',
  more: { host?: string; method?: string; target?: string } = {},
) {
  const steps = hsts.create(undefined, { hsts: settings } as ApplicationFacts)
  const { target = '/a?b=c' } = more
  const exchange = exchangeOf({ target })
  const asked = { ...exchange, host: 'www.example.org:8080', ...more, connection: { ...exchange.connection, scheme } }
  const { serve } = composeModules([steps], {
    pass: () => undefined,
    end: (ended, answer) => {
      if ('answer' in answer) ended.reply.answer(answer.answer)
    },
  })
  void serve(asked)
  const [answer] = exchange.answers
  return {
    fields: exchange.reply.responseFields && fieldsBehind([], exchange.reply.responseFields),
    status: answer?.status,
    location: answer?.headers[1],
  }
}

describe('<hsts>', () => {
  test.each([
    [plain, 'max-age=31536000'],
    [{ ...plain, maxAge: 0 }, 'max-age=0'],
    [{ ...plain, includeSubDomains: true, preload: true }, 'max-age=31536000; includeSubDomains; preload'],
  ])('%j is told over https, and not over http', (settings, policy) => {
    expect(ask(settings, 'https')).toMatchObject({ fields: ['Strict-Transport-Security', policy], status: undefined })
    expect(ask(settings, 'http')).toMatchObject({ fields: undefined, status: undefined })
  })

  test.each([
    ['an application', [], ['strict-transport-security', 'max-age=1']],
    ['web.config', ['Strict-Transport-Security', 'max-age=1'], []],
  ])('leaves alone what %s says of it', (_who, configured, own) => {
    const exchange = exchangeOf({})
    const steps = hsts.create(undefined, { hsts: plain } as ApplicationFacts)
    const { serve } = composeModules([{ responseFields: prepareFields(configured) }, steps], {
      pass: () => undefined,
      end: () => undefined,
    })
    void serve({ ...exchange, connection: { ...exchange.connection, scheme: 'https' } })
    expect(fieldsBehind(own, exchange.reply.responseFields)).toEqual(configured)
  })

  test('is nothing where it is not enabled', () => {
    expect(hsts.create(undefined, {} as ApplicationFacts)).toEqual({})
  })

  const redirecting = { ...plain, redirectHttpToHttps: true }

  test.each([
    ['www.example.org:8080', '/a?b=c', 'https://www.example.org/a?b=c'],
    ['www.example.org', '/', 'https://www.example.org/'],
    ['[2001:db8::1]:80', '/%2F//x', 'https://[2001:db8::1]/%2F//x'],
    ['10.0.0.1', '*', 'https://10.0.0.1/'],
  ])('with redirectHttpToHttps sends http://%s%s to %s', (host, target, location) => {
    expect(ask(redirecting, 'http', { host, target })).toEqual({ fields: undefined, status: 301, location })
    expect(ask(redirecting, 'http', { host, target, method: 'HEAD' }).status).toBe(301)
  })

  test('keeps the method of a request that has one to keep', () => {
    expect(ask(redirecting, 'http', { method: 'POST' })).toMatchObject({ status: 307 })
  })

  test('redirects nobody who has come by https, or who names no host', () => {
    expect(ask(redirecting, 'https').status).toBeUndefined()
    expect(ask(redirecting, 'http', { host: '' }).status).toBeUndefined()
  })
})
