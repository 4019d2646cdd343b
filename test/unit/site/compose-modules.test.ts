import { describe, expect, test } from 'vitest'
import { openElement } from '../../../src/config/xml/element.ts'
import { ExchangeView, ReplyView } from '../../../src/http/exchange-view.ts'
import type { Exchange, Reply } from '../../../src/http/exchange.ts'
import { prepareFields } from '../../../src/http/response-fields.ts'
import { deferred } from '../../../src/platform/deferred.ts'
import { composeModules, stepsOf } from '../../../src/site/compose-modules.ts'
import { gateEnd } from '../../../src/site/gate-end.ts'
import { modules, sectionsOf } from '../../../src/site/modules.ts'
import type { ApplicationFacts, GateAnswer, Module, ModuleSteps } from '../../../src/site/modules/module.ts'
import { exchangeOf, webConfig } from './support.ts'

const no: GateAnswer = { failure: { kind: 'not-handled' }, setting: '<x>' }

function compose(steps: readonly ModuleSteps[], asks = true) {
  const passed: Exchange[] = []
  const ended: GateAnswer[] = []
  const pass = (exchange: Exchange): undefined => void passed.push(exchange)
  const end = (_exchange: Exchange, answer: GateAnswer) => void ended.push(answer)
  const handler = composeModules(steps, { pass, end, ofSiteAlone: !asks })
  return { ...handler, pass, passed, ended }
}

describe('the modules of an application', () => {
  test('add no step when they have none', () => {
    const pass = (): undefined => undefined
    expect(composeModules([{}, {}], { pass, end: () => undefined })).toEqual({ serve: pass, finish: undefined })
    expect(composeModules([], { pass, end: () => undefined, ofSiteAlone: true }).serve).toBe(pass)
  })

  test('are called in their order until one ends the exchange', () => {
    const asked: string[] = []
    const gate = (name: string, said?: GateAnswer) => ({ gate: () => (asked.push(name), said) })
    const { serve, passed, ended } = compose([gate('a'), gate('b', no), gate('c')])
    expect(serve(exchangeOf())).toBeUndefined()
    expect([asked, passed, ended]).toEqual([['a', 'b'], [], [no]])
  })

  test('may be asynchronous; an exchange whose client leaves meanwhile is neither answered nor passed on', async () => {
    const gate = deferred<GateAnswer | undefined>()
    const { serve, passed, ended } = compose([{ gate: () => gate.promise }])
    const [left, stays] = [exchangeOf(), exchangeOf()]
    const served = Promise.all([serve(left), serve(stays)].map((one) => Promise.resolve(one)))
    left.reply.gone = true
    expect(passed).toEqual([])
    gate.resolve(undefined)
    await served
    expect([passed, ended]).toEqual([[stays], []])
    const late = compose([{ gate: () => Promise.resolve(no) }])
    await Promise.all([late.serve(left), late.serve(stays)].map((one) => Promise.resolve(one)))
    expect([late.passed, late.ended]).toEqual([[], [no]])
  })

  test('see the exchange as earlier modules have rewritten it, but a gate does not see the rewrite of its own module', () => {
    const seen: string[] = []
    const gate = ({ path }: Exchange): undefined => void seen.push(path)
    const rewrite = (exchange: Exchange) => new ExchangeView(exchange, { target: '/b', path: '/b' })
    const { serve, passed } = compose([{ gate, rewrite }, { gate }])
    void serve(exchangeOf({ target: '/a' }))
    expect(seen).toEqual(['/a', '/b'])
    expect(passed).toMatchObject([{ target: '/b' }])
  })

  test('set their response fields, in their order, before any other step', () => {
    const found: unknown[] = []
    const gate = ({ reply }: Exchange) => (found.push(reply.responseFields), no)
    const { serve } = compose([
      { gate },
      { responseFields: prepareFields(['A', '1']) },
      { responseFields: undefined },
      { responseFields: prepareFields(['B', '2']) },
    ])
    void serve(exchangeOf())
    expect(found).toEqual([{ flat: ['A', '1', 'B', '2'], lines: 'A: 1\r\nB: 2\r\n' }])
  })

  test('wrap a response in their order, so the last of them is next to the client', () => {
    const told: string[] = []
    const wrapper = (name: string) => ({
      wrapReply: (_exchange: Exchange, reply: Reply): Reply =>
        new (class extends ReplyView {
          override abort(): void {
            told.push(name)
            super.abort()
          }
        })(reply),
    })
    const { serve, passed } = compose([wrapper('first'), wrapper('last')])
    const exchange = exchangeOf()
    void serve(exchange)
    passed[0]?.reply.abort()
    expect(told).toEqual(['first', 'last'])
    expect(exchange.reply.aborted).toBe(true)
  })

  test('have no gates and rewrites before a presence that answers every request itself', () => {
    const fields = prepareFields(['A', '1'])
    const step: ModuleSteps = {
      gate: () => no,
      rewrite: () => exchangeOf(),
      responseFields: fields,
      wrapReply: (_exchange, reply) => new ReplyView(reply),
    }
    const { serve, passed, ended } = compose([step], false)
    const exchange = exchangeOf({ target: '/asked' })
    void serve(exchange)
    expect(ended).toEqual([])
    expect(passed).toMatchObject([{ target: '/asked' }])
    expect(passed[0]?.reply).toBeInstanceOf(ReplyView)
    expect(exchange.reply.responseFields).toEqual(fields)
  })

  test('are called in their order at the end of each exchange', () => {
    const finished: string[] = []
    const finish = (name: string) => ({ finish: () => void finished.push(name) })
    compose([finish('a'), {}, finish('b')]).finish?.(exchangeOf())
    expect(finished).toEqual(['a', 'b'])
  })
})

describe('the steps of a configuration', () => {
  const facts = { path: '/', physicalPath: '/srv', log: {}, clock: {} } as unknown as Omit<ApplicationFacts, 'handlers'>
  const made: unknown[] = []
  const module = (section?: string): Module<unknown> => ({
    section:
      section === undefined ? undefined : { section, shape: openElement, read: () => undefined, describe: () => [] },
    create: (settings, { handlers }) => {
      made.push([section, settings, handlers.length])
      return {}
    },
  })

  test('are those of modules with settings and of modules without a section', () => {
    const web = { ...webConfig(), sections: { a: 1, c: 3 } }
    expect(stepsOf([module('a'), module('b'), module()], web, facts)).toHaveLength(3)
    expect(made.splice(0)).toEqual([
      ['a', 1, 1],
      [undefined, undefined, 1],
    ])
  })

  test('without a configuration are those of modules without a section', () => {
    expect(stepsOf([module('a'), module()], undefined, facts)).toHaveLength(2)
    expect(made.splice(0)).toEqual([[undefined, undefined, 0]])
  })

  test('come from modules of which no two read the same section', () => {
    const sections = sectionsOf(modules).map(({ section }) => section)
    expect(new Set(sections).size).toBe(sections.length)
    expect(sections).toContain('security/requestFiltering')
  })
})

describe('the answer of a gate', () => {
  const refusals: unknown[] = []
  const end = gateEnd((_exchange, { kind }, setting) => void refusals.push([kind, setting]))

  test('is an error page with a log line, or the answer as it is', () => {
    const [refused, answered, left] = [exchangeOf(), exchangeOf(), exchangeOf()]
    const answer = { status: 301, substatus: 0, reason: 'Moved', headers: [], body: '', close: false }
    left.reply.gone = true
    end(refused, no)
    end(answered, { answer })
    end(left, no)
    expect(refused.answers).toMatchObject([{ status: 404, substatus: 4 }])
    expect(answered.answers).toEqual([answer])
    expect(left.answers).toEqual([])
    expect(refusals).toEqual([['not-handled', '<x>']])
  })
})
