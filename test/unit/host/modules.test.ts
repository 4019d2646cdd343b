import { describe, expect, onTestFinished, test } from 'vitest'
import { openElement } from '../../../src/config/xml/element.ts'
import { applicationSource } from '../../../src/config/web-config/application.ts'
import { planLines, planOf } from '../../../src/config/web-config/plan.ts'
import { engineNames, loadEngine } from '../../../src/host/engine.ts'
import { ProxyHost } from '../../../src/host/proxy-host.ts'
import { ReplyView, withTarget } from '../../../src/http/exchange-view.ts'
import type { Exchange, Reply, ResponseHead } from '../../../src/http/exchange.ts'
import { prepareFields } from '../../../src/http/response-fields.ts'
import type { LogEntry } from '../../../src/log/entry.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { modules, sectionsOf } from '../../../src/site/modules.ts'
import type { Module } from '../../../src/site/modules/module.ts'
import { dropOfflineFile } from '../../support/deployment.ts'
import { eventually } from '../../support/eventually.ts'
import { copyApp, editWebConfig } from '../../support/folders.ts'
import { send } from '../../support/send.ts'

const finished: string[] = []

/** Names the response's status in a field, as whoever sees every head could. */
class Told extends ReplyView {
  override begin(head: ResponseHead) {
    return this.behind.begin({ ...head, headers: [...head.headers, 'X-Told', String(head.status)] })
  }
}

/** `<shop closed short>`: closes one path, and makes another short for /HelloWorld. */
const shop: Module<{ readonly closed: string; readonly short: string }> = {
  section: {
    section: 'shop',
    shape: openElement,
    read: (elements) => {
      const value = (name: string): string => elements.at(-1)?.attributes.get(name)?.value ?? ''
      return elements.length === 0 ? undefined : { closed: value('closed'), short: value('short') }
    },
    describe: ({ closed, short }) => [
      ['closed', closed],
      ['short', short],
    ],
  },
  create: ({ closed, short }, { path }) => ({
    gate: (exchange) => {
      if (exchange.path !== closed) return undefined
      const body = `closed in ${path}`
      return { answer: { status: 200, substatus: 0, reason: 'OK', headers: [], body, close: false } }
    },
    rewrite: (exchange) => {
      const moved = exchange.path === short ? withTarget(exchange, '/HelloWorld') : undefined
      return moved?.ok === true ? moved.value : exchange
    },
    wrapReply: (_exchange: Exchange, reply: Reply) => new Told(reply),
    responseFields: prepareFields(['X-Shop', 'open']),
    finish: ({ path: asked, reply }) => void finished.push(`${asked} ${String(reply.status)}`),
  }),
}

const all = [...modules, shop]

describe.each(engineNames)('a module of the test, with the engine %s', (engine) => {
  test('carries out its steps for an application whose web.config has its section, and for no other', async () => {
    finished.length = 0
    const [own, other] = [await copyApp('node-twin'), await copyApp('node-twin')]
    await editWebConfig(own, { webServer: '<shop closed="/closed" short="/short" />' })
    const site = (id: number, physicalPath: string) => {
      const bindings = [{ protocol: 'http', address: '127.0.0.1', port: 0, hostName: '' } as const]
      return { name: `site${String(id)}`, id, bindings, applications: [{ path: '/', physicalPath }] }
    }
    const entries: LogEntry[] = []
    const host = new ProxyHost(
      { sites: [site(1, own), site(2, other)] },
      {
        log: { isEnabled: () => true, write: (_level, entry) => void entries.push(entry) },
        clock: systemClock,
        environment: process.env,
        pid: process.pid,
        guard: undefined,
        engine,
        ...(await loadEngine(engine, systemClock)),
        keepsOnBrokenConfig: false,
        modules: all,
        appOutput: undefined,
      },
    )
    onTestFinished(async () => {
      await host.stop()
      host.destroy()
    })
    expect(await host.start()).toMatchObject({ ok: true })
    const [first, second] = host.status.sites.map(({ urls }) => (urls[0] as string).replace('localhost', '127.0.0.1'))

    const closed = await send(first as string, '/closed')
    expect([closed.text, closed.field('X-Shop'), closed.field('X-Told')]).toEqual(['closed in /', ['open'], []])
    const short = await send(first as string, '/short')
    expect([short.text, short.field('X-Shop'), short.field('X-Told')]).toEqual(['Hello World', ['open'], ['200']])
    const plain = await send(second as string, '/closed')
    expect([plain.text, plain.field('X-Shop'), plain.field('X-Told')]).toEqual(['Running', [], []])

    await dropOfflineFile(own)
    const offline = await eventually('it is offline', async () => {
      const answer = await send(first as string, '/closed')
      return answer.status === 503 ? answer : undefined
    })
    expect(offline.field('X-Shop')).toEqual(['open'])
    expect(finished.slice(0, 2)).toEqual(['/closed 200', '/short 200'])
    expect(finished.at(-1)).toBe('/closed 503')
    const requests = entries.filter(({ event }) => event === 'request').map(({ msg }) => msg)
    expect(requests).toEqual(expect.arrayContaining(['GET /short 200', 'GET /closed 503']))
    expect(entries.filter(({ event }) => event === 'configNotice')).toEqual([])
  })
})

test('a module of the test is in the plan, and its section is not reported as unknown', async () => {
  const physicalPath = await copyApp('node-twin')
  await editWebConfig(physicalPath, { webServer: '<shop closed="/closed" short="/short" />' })
  const application = { path: '/', physicalPath }
  const site = { name: 'www', id: 1, bindings: [], applications: [application] }
  const load = (list: readonly Module[]) => {
    return applicationSource(site, application, { environment: {}, sections: sectionsOf(list) }).load()
  }
  const [known, unknown] = [await load(all), await load(modules)]
  if (!known.ok || !unknown.ok) throw new Error('refused')
  expect(known.value.notices).toEqual([])
  expect(unknown.value.notices).toMatchObject([
    { level: 'warning', text: '<system.webServer> has no section <shop>; IIS would refuse the file.' },
  ])
  const lines = planLines(planOf({ sites: [site] }, [known.value]), sectionsOf(all))
  expect(lines).toEqual(expect.arrayContaining(['    closed: /closed', '    short: /short']))
})
