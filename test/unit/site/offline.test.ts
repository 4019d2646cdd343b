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
    const offline = new Offline(page, gone.promise, (exchange, { kind }, setting) => {
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
    const offline = new Offline(page, Promise.resolve(), () => undefined)
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

  test('reads a file again that was empty at first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ancmd-offline-'))
    const file = join(folder, 'app_offline.htm')
    await writeFile(file, '')
    let isWaiting: () => void = () => undefined
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve
    })
    const clock = new HandClock()
    const after = clock.after.bind(clock)
    clock.after = (ms, callback) => {
      isWaiting()
      return after(ms, callback)
    }
    const read = readOfflinePage(file, clock)
    await waiting
    await writeFile(file, page)
    clock.advance(100)
    expect(Buffer.from((await read) ?? '')).toEqual(page)
    expect((await readOfflinePage(folder, systemClock))?.byteLength).toBe(0)
    await rm(folder, { recursive: true })
    expect(await readOfflinePage(file, systemClock)).toBeUndefined()
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
