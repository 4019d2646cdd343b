import { describe, expect, it } from 'vitest'
import type { HandlerConfig } from '../../../src/config/model.ts'
import { createHandlerMapping, createPathMatch } from '../../../src/site/gates/handler-mapping.ts'

const handler = (path: string, ours: boolean, verbs: readonly string[] = ['*']): HandlerConfig => ({
  name: path,
  path,
  verbs,
  ours,
  modules: ours ? 'AspNetCoreModuleV2' : 'StaticFileModule',
})

describe('handler mapping', () => {
  it('forwards everything for the entry that dotnet publish writes', () => {
    const isOurs = createHandlerMapping([handler('*', true)], '/')
    expect(isOurs('/wwwroot/site.css', 'GET')).toBe(true)
  })

  it('lets the first matching entry decide', () => {
    const isOurs = createHandlerMapping([handler('*.css', false), handler('*', true)], '/')
    expect(isOurs('/site.CSS', 'GET')).toBe(false)
    expect(isOurs('/site.js', 'GET')).toBe(true)
  })

  it('looks at the verb too', () => {
    const isOurs = createHandlerMapping([handler('*', true, ['GET', 'HEAD'])], '/')
    expect(isOurs('/', 'GET')).toBe(true)
    expect(isOurs('/', 'POST')).toBe(false)
  })

  it('reads paths relative to the application', () => {
    const isOurs = createHandlerMapping([handler('api/*', true)], '/sub')
    expect(isOurs('/sub/api/values', 'GET')).toBe(true)
    expect(isOurs('/sub/index.html', 'GET')).toBe(false)
  })

  it('takes nothing when no entry matches', () => {
    expect(createHandlerMapping([], '/')('/', 'GET')).toBe(false)
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

  it('comes to an end for a pattern and a path that would keep a backtracking match busy for ages', () => {
    expect(createPathMatch(`${'*a'.repeat(20)}*b`)('a'.repeat(16_000))).toBe(false)
  })
})
