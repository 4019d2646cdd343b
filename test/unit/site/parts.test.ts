import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../../src/http/exchange.ts'
import { ExchangeView } from '../../../src/http/exchange-view.ts'
import type { ModuleSteps } from '../../../src/site/modules/module.ts'
import { composeParts } from '../../../src/site/compose-parts.ts'
import { settingsAt } from '../../../src/site/routing/settings-at.ts'
import { exchangeOf, webConfig } from './support.ts'

/** Steps that write down that they were called. */
function recorder() {
  const called: string[] = []
  const gate = (name: string): ModuleSteps => ({
    gate: ({ path }) => {
      called.push(`${name} ${path}`)
      return undefined
    },
    finish: ({ path }) => void called.push(`finish ${name} ${path}`),
  })
  const toPath = (name: string, path: string): ModuleSteps => ({
    route: (exchange) => {
      called.push(name)
      return { passes: new ExchangeView(exchange, { path, target: path }) }
    },
  })
  const pass = ({ path }: Exchange): undefined => void called.push(`app ${path}`)
  return { called, gate, toPath, exits: { pass, end: () => undefined } }
}

const at = (path: string): Exchange => ({ ...exchangeOf(), path, target: path })

describe('the parts of an application', () => {
  test('have modules of their own, by the longest path, in any letter case and with any slashes', () => {
    const { called, gate, exits } = recorder()
    const { serve, finish } = composeParts(
      {
        steps: [gate('whole')],
        parts: [
          { path: '/a', steps: [gate('a')] },
          { path: '/a/B', steps: [gate('a/b')] },
        ],
      },
      exits,
    )
    for (const path of ['/', '/ab', '/A/x', '//a//b/c']) void serve(at(path))
    finish?.(at('/a/x'))
    expect(called.filter((line) => !line.startsWith('app'))).toEqual([
      'whole /',
      'whole /ab',
      'a /A/x',
      'a/b //a//b/c',
      'finish a /a/x',
    ])
  })

  test('that are rewritten into are guarded by the modules behind the one that has done it', () => {
    const { called, gate, toPath, exits } = recorder()
    const whole = [gate('first'), toPath('to /a', '/a/x'), gate('last')]
    const part = [gate('first of a'), toPath('of a', '/b'), gate('last of a')]
    void composeParts({ steps: whole, parts: [{ path: '/a', steps: part }] }, exits).serve(at('/x'))
    expect(called).toEqual(['first /x', 'to /a', 'last of a /a/x', 'app /a/x'])
    called.length = 0
    void composeParts({ steps: whole, parts: [{ path: '/a', steps: part }] }, exits).serve(at('/a'))
    expect(called).toEqual(['first of a /a', 'of a', 'last /b', 'app /b'])
  })

  test('that are not there cost nothing: the handler is that of the modules', () => {
    const { exits } = recorder()
    expect(composeParts({ steps: [{}], parts: [] }, exits).serve).toBe(exits.pass)
  })

  test('have settings of their own', () => {
    const part = { path: '/a', handlers: [], sections: { x: 1 } }
    const web = { ...webConfig(), parts: [part] }
    expect(settingsAt(web, '//a/b')).toBe(part)
    expect(settingsAt(web, '/b')).toBe(web)
    expect(settingsAt(webConfig(), '/a')).toEqual(webConfig())
  })
})
