import { describe, expect, it } from 'vitest'
import type { HandlerConfig } from '../../../../src/config/model.ts'
import type { Upgrade } from '../../../../src/http/exchange.ts'
import { createHandlerGate, createPathMatch } from '../../../../src/site/modules/handlers/handler-mapping.ts'
import { staticContentOf } from '../../../../src/site/modules/handlers/static-content.ts'
import { createStaticHandler } from '../../../../src/site/modules/handlers/static-handler.ts'
import { exchangeOf } from '../support.ts'
import { requestFor } from './section.ts'

const handler = (path: string, ours: boolean, verbs: readonly string[] = ['*']): HandlerConfig => ({
  name: path,
  path,
  verbs,
  ours,
  modules: ours ? 'AspNetCoreModuleV2' : 'StaticFileModule',
})

/** Whether a request goes to the application; no file is looked for. */
function createHandlerMapping(handlers: readonly HandlerConfig[], applicationPath: string) {
  const gate = createHandlerGate(
    handlers,
    applicationPath,
    createStaticHandler('/', staticContentOf({}), { files: [] }),
  )
  return ({ path, method }: { readonly path: string; readonly method: string }): boolean => {
    const request = requestFor(path, { method })
    return request !== undefined && gate(request) === undefined
  }
}

describe('handler mapping', () => {
  it('forwards everything for the entry that dotnet publish writes', () => {
    const isOurs = createHandlerMapping([handler('*', true)], '/')
    expect(isOurs({ path: '/wwwroot/site.css', method: 'GET' })).toBe(true)
  })

  it('lets the first matching entry decide', () => {
    const isOurs = createHandlerMapping([handler('*.css', false), handler('*', true)], '/')
    expect(isOurs({ path: '/site.CSS', method: 'GET' })).toBe(false)
    expect(isOurs({ path: '/site.js', method: 'GET' })).toBe(true)
  })

  it('also compares the verb', () => {
    const isOurs = createHandlerMapping([handler('*', true, ['GET', 'HEAD'])], '/')
    expect(isOurs({ path: '/', method: 'GET' })).toBe(true)
    expect(isOurs({ path: '/', method: 'POST' })).toBe(false)
  })

  it('takes a WebSocket over HTTP/2 for the GET that the application gets', () => {
    const gate = createHandlerGate(
      [handler('*', true, ['GET'])],
      '/',
      createStaticHandler('/', staticContentOf({}), { files: [] }),
    )
    const ask = (upgrade?: Upgrade) => gate({ ...exchangeOf(), method: 'CONNECT', upgrade })
    expect(ask({} as Upgrade)).toBeUndefined()
    expect(ask()).toBeDefined()
  })

  it('reads paths relative to the application', () => {
    const isOurs = createHandlerMapping([handler('api/*', true)], '/sub')
    expect(isOurs({ path: '/sub/api/values', method: 'GET' })).toBe(true)
    expect(isOurs({ path: '/sub/index.html', method: 'GET' })).toBe(false)
  })

  it('reads them so too where slashes are doubled', () => {
    const isOurs = createHandlerMapping([handler('files/*', false), handler('*', true)], '/sub')
    expect(isOurs({ path: '//sub/files/a', method: 'GET' })).toBe(false)
    expect(isOurs({ path: '/sub//files//a', method: 'GET' })).toBe(false)
    expect(isOurs({ path: '//sub/other', method: 'GET' })).toBe(true)
  })

  it('passes no request on when no entry matches', () => {
    expect(createHandlerMapping([], '/')({ path: '/', method: 'GET' })).toBe(false)
  })
})

describe('path patterns', () => {
  it.each([
    ['*.axd', 'x/y.axd', true],
    ['*.axd', 'x/y.axdx', false],
    ['api/*', 'api/', true],
    ['api/*', 'api', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['index.html', 'index.html', true],
    ['*a*b*c*', '--a--b--c--', true],
    ['*a*b*c*', '--a--c--b--', false],
    ['Api\\*', 'api/x', true],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(createPathMatch(pattern)(path)).toBe(expected)
  })

  it('match quickly where a backtracking match would take very long', () => {
    expect(createPathMatch(`${'*a'.repeat(20)}*b`)('a'.repeat(16_000))).toBe(false)
  })
})
