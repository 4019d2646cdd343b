import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/platform/clock.ts'
import { deferred } from '../../../src/platform/deferred.ts'
import { Offline, readOfflinePage } from '../../../src/site/offline.ts'
import type { Presence } from '../../../src/site/presence.ts'
import { DrainingPresences } from '../../../src/site/draining-presences.ts'
import { HandClock } from '../../support/hand-clock.ts'
import { exchangeOf } from './support.ts'

const page = Buffer.from('<p>back soon</p>')

describe('an application that is offline', () => {
  test('answers with its page when the old process has ended, not before, and only clients that still wait', async () => {
    const gone = deferred<undefined>()
    const refusals: unknown[] = []
    const offline = new Offline(page, gone.promise, systemClock, (exchange, { kind }, setting) => {
      refusals.push([exchange, kind, setting])
    })
    const [waited, left, later] = [exchangeOf(), exchangeOf(), exchangeOf()]
    const served = Promise.all([offline.serve(waited), offline.serve(left)])
    await new Promise((resolve) => setImmediate(resolve))
    expect(waited.answers).toEqual([])
    left.reply.gone = true
    gone.resolve(undefined)
    await served
    expect(waited.answers).toMatchObject([{ status: 503, body: page }])
    expect(left.answers).toEqual([])
    expect(offline.serve(later)).toBeUndefined()
    expect(later.answers).toMatchObject([{ status: 503 }])
    expect(refusals).toEqual([waited, later].map((exchange) => [exchange, 'offline', 'app_offline.htm']))
  })

  test('shows a changed page, but keeps the old one while the file is empty', async () => {
    const offline = new Offline(page, Promise.resolve(), systemClock, () => undefined)
    await offline.gone
    const shown = async (): Promise<unknown> => {
      const exchange = exchangeOf()
      await offline.serve(exchange)
      return exchange.answers[0]?.body
    }
    offline.show(Buffer.from('later'))
    expect(await shown()).toEqual(Buffer.from('later'))
    offline.show(Buffer.alloc(0))
    expect(await shown()).toEqual(Buffer.from('later'))
  })

  describe('whose page is still empty', () => {
    const emptyPage = Buffer.alloc(0)

    function waiting(): {
      offline: Offline
      clock: HandClock
      exchange: ReturnType<typeof exchangeOf>
      served: unknown
    } {
      const clock = new HandClock()
      const offline = new Offline(emptyPage, Promise.resolve(), clock, () => undefined)
      const exchange = exchangeOf()
      return { offline, clock, exchange, served: offline.serve(exchange) }
    }

    test('lets requests wait for its contents', async () => {
      const { offline, clock, exchange, served } = waiting()
      clock.advance(1999)
      await new Promise((resolve) => setImmediate(resolve))
      expect(exchange.answers).toEqual([])
      offline.show(emptyPage)
      offline.show(page)
      await served
      expect(exchange.answers).toMatchObject([{ status: 503, body: page }])
      expect(clock.pending).toBe(0)
    })

    test('shows nothing to requests that have waited two seconds', async () => {
      const { clock, exchange, served } = waiting()
      clock.advance(2000)
      await served
      expect(exchange.answers).toMatchObject([{ status: 503, body: emptyPage }])
    })

    test('passes waiting requests to the presence that follows', async () => {
      const { offline, clock, exchange, served } = waiting()
      const next = new Offline(page, Promise.resolve(), clock, () => undefined)
      offline.replacedBy(next)
      await served
      expect(exchange.answers).toMatchObject([{ body: page }])
      expect(clock.pending).toBe(0)
    })

    test.each(['retire', 'destroy'] as const)('keeps no request waiting when the daemon stops (%s)', async (end) => {
      const { offline, clock, exchange, served } = waiting()
      void offline[end]()
      await served
      expect(exchange.answers).toMatchObject([{ status: 503 }])
      expect(clock.pending).toBe(0)
    })
  })

  test('reads the file; without bytes if it cannot be read, and nothing once it has gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ancmd-offline-'))
    const file = join(folder, 'app_offline.htm')
    await writeFile(file, page)
    expect(Buffer.from((await readOfflinePage(file)) ?? '')).toEqual(page)
    expect((await readOfflinePage(folder))?.byteLength).toBe(0)
    await rm(folder, { recursive: true })
    expect(await readOfflinePage(file)).toBeUndefined()
  })
})

describe('presences that retire', () => {
  function leaving(): { presence: Presence; end: () => void } {
    const gone = deferred<undefined>()
    const presence: Presence = {
      name: 'serving',
      serve: () => undefined,
      retire: () => gone.promise,
      destroy: () => undefined,
    }
    return { presence, end: () => gone.resolve(undefined) }
  }

  test('are listed until they have ended; gone() waits for those that are listed', async () => {
    const retired = new DrainingPresences()
    const [one, two] = [leaving(), leaving()]
    retired.add(one.presence, 'recycle')
    const over: string[] = []
    const ends = [retired.gone().then(() => over.push('those')), retired.allGone().then(() => over.push('all'))]
    retired.add(two.presence, 'recycle')
    expect(retired.presences).toEqual([one.presence, two.presence])
    one.end()
    await ends[0]
    expect(over).toEqual(['those'])
    expect(retired.presences).toEqual([two.presence])
    two.end()
    await ends[1]
    expect(over).toEqual(['those', 'all'])
    expect(retired.presences).toEqual([])
  })
})
