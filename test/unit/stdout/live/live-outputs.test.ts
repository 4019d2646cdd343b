import { describe, expect, test } from 'vitest'
import { LiveOutputs, type WantedOutput } from '../../../../src/stdout/live/live-outputs.ts'
import type { OutputEntry } from '../../../../src/stdout/live/output-record.ts'
import { HandClock } from '../../../support/hand-clock.ts'

const app = '/LM/W3SVC/1/ROOT'
const everything: WantedOutput = { app, lines: 1_000_000, since: 0, follows: false }

function open() {
  const clock = new HandClock()
  const outputs = new LiveOutputs(clock)
  const gone = new AbortController()
  const follow = (wanted: Partial<WantedOutput> = {}): AsyncIterable<readonly OutputEntry[]> => {
    const batches = outputs.follow({ ...everything, ...wanted }, gone.signal)
    if (batches === undefined) throw new Error('too many follow')
    return batches
  }
  const read = async (wanted: Partial<WantedOutput> = {}): Promise<string> => textOf(await all(follow(wanted)))
  return { clock, outputs, gone, follow, read }
}

async function all(batches: AsyncIterable<readonly OutputEntry[]>): Promise<OutputEntry[]> {
  const entries: OutputEntry[] = []
  for await (const batch of batches) entries.push(...batch)
  return entries
}

function textOf(entries: readonly OutputEntry[]): string {
  return entries
    .map((entry) => ('lost' in entry ? `<${String(entry.lost.lines)} lost>` : Buffer.from(entry.bytes).toString()))
    .join('')
}

describe('the output that is kept', () => {
  test('is that of all processes, in whole lines, and the last of them are given', async () => {
    const { outputs, read } = open()
    const [old, fresh] = [outputs.open(app), outputs.open(app)]
    old.write('stdout', Buffer.from('one\ntwo'))
    fresh.write('stdout', Buffer.from('three\n'))
    old.write('stderr', Buffer.from('four\n'))
    old.write('stdout', Buffer.from(' halves\nlast'))
    expect(await read()).toBe('one\nthree\nfour\ntwo halves\n')
    old.end()
    expect(await read()).toBe('one\nthree\nfour\ntwo halves\nlast')
    expect(await read({ lines: 2 })).toBe('two halves\nlast')
    expect(await read({ lines: 0 })).toBe('')
    expect(await read({ app: app.toLowerCase(), lines: 3 })).toBe('four\ntwo halves\nlast')
    expect(await read({ app: `${app}/other` })).toBe('')
  })

  test('shows the beginning of a line that has no end after 100 ms', async () => {
    const { outputs, read, clock } = open()
    const process = outputs.open(app)
    process.write('stdout', Buffer.from('name: '))
    clock.advance(99)
    expect(await read()).toBe('')
    clock.advance(2)
    process.write('stdout', Buffer.from('me\n'))
    expect(await read()).toBe('name: me\n')
  })

  test('is no older than is asked for, and bounded', async () => {
    const { outputs, read, clock } = open()
    const process = outputs.open(app)
    process.write('stdout', Buffer.from('early\n'))
    clock.advance(10_000)
    process.write('stdout', Buffer.from('late\n'))
    expect(await read({ since: 5000 })).toBe('late\n')
    for (let line = 0; line < 50_000; line++) process.write('stdout', Buffer.from(`line ${String(line)}\n`))
    const kept = await read()
    expect(kept.length).toBeGreaterThan(200_000)
    expect(kept.length).toBeLessThanOrEqual(256 * 1024)
    expect(kept.endsWith('line 49998\nline 49999\n')).toBe(true)
  })

  test('goes on where it was when an application is taken out and comes back, so that no follower takes it for old', async () => {
    const { outputs, follow, gone } = open()
    const following = follow({ follows: true, lines: 0 })
    for (const text of ['before\n', 'after\n']) {
      const process = outputs.open(app)
      process.write('stdout', Buffer.from(text))
      process.end()
      outputs.retain([])
      outputs.retain([app])
    }
    const taken: OutputEntry[] = []
    for await (const batch of following) {
      taken.push(...batch)
      if (taken.length === 2) gone.abort()
    }
    expect(taken).toMatchObject([{ at: 0 }, { at: 'before\n'.length }])
  })

  test('of an application that is hosted no more is forgotten when its last process has ended', async () => {
    const { outputs, read } = open()
    const process = outputs.open(app)
    process.write('stdout', Buffer.from('one\n'))
    outputs.retain(['/LM/W3SVC/2/ROOT'])
    expect(await read()).toBe('one\n')
    process.end()
    expect(await read()).toBe('')
  })
})

describe('those who follow', () => {
  test('get what was before and what comes, each byte once, and end when the daemon does', async () => {
    const { outputs, follow } = open()
    const process = outputs.open(app)
    process.write('stdout', Buffer.from('before\n'))
    const followers = [
      follow({ follows: true }),
      follow({ follows: true, lines: 0 }),
      follow({ follows: true, app: undefined }),
    ]
    const read = Promise.all(followers.map(all))
    process.write('stdout', Buffer.from('after\n'))
    outputs.open('/LM/W3SVC/2/ROOT').write('stdout', Buffer.from('other\n'))
    await outputs.end()
    expect((await read).map(textOf)).toEqual(['before\nafter\n', 'after\n', 'before\nafter\nother\n'])
  })

  test('get the number of lines that are missing if they do not read, and hold up nobody', async () => {
    const { outputs, follow } = open()
    const process = outputs.open(app)
    const [reading, hanging] = [follow({ follows: true }), follow({ follows: true })]
    const line = `${'x'.repeat(999)}\n`
    let got = 0
    const readAll = (async () => {
      for await (const batch of reading) got += Buffer.byteLength(textOf(batch))
    })()
    for (let count = 0; count < 300; count++) {
      process.write('stdout', Buffer.from(line.repeat(100)))
      await new Promise(setImmediate)
    }
    expect(got).toBe(30_000_000)
    await Promise.race([outputs.end(), new Promise(setImmediate)])
    const entries = await all(hanging)
    await readAll
    const lost = entries.flatMap((entry) => ('lost' in entry ? [entry.lost] : []))
    const bytes = entries.reduce((sum, entry) => sum + ('lost' in entry ? 0 : entry.bytes.length), 0)
    expect(bytes).toBeLessThanOrEqual(16 * 1024 * 1024)
    expect(lost).toHaveLength(1)
    expect(bytes + (lost[0]?.bytes ?? 0)).toBe(30_000_000)
    expect(bytes / 1000 + (lost[0]?.lines ?? 0)).toBe(30_000)
  })

  test('let 64 MiB wait together at most, however many of them do not read', async () => {
    const { outputs, follow } = open()
    const process = outputs.open(app)
    const hanging = Array.from({ length: 8 }, () => follow({ follows: true }))
    const piece = Buffer.from(`${'x'.repeat(65_535)}\n`)
    for (let count = 0; count < 400; count++) process.write('stdout', piece)
    await Promise.race([outputs.end(), new Promise(setImmediate)])
    const each = await Promise.all(hanging.map(all))
    const bytes = each.flat().reduce((sum, entry) => sum + ('lost' in entry ? 0 : entry.bytes.length), 0)
    expect(bytes).toBeLessThanOrEqual(72 * 1024 * 1024)
    expect(bytes).toBeGreaterThan(60 * 1024 * 1024)
    for (const entries of each) {
      const lines = entries.reduce((sum, entry) => sum + ('lost' in entry ? entry.lost.lines : 1), 0)
      expect(lines).toBe(400)
    }
  })

  test('may be thirty-two at the same time, and one that has gone leaves room', () => {
    const { outputs, gone } = open()
    for (let count = 0; count < 31; count++) {
      outputs.follow({ ...everything, follows: true }, new AbortController().signal)
    }
    const last = new AbortController()
    expect(outputs.follow({ ...everything, follows: true }, last.signal)).toBeDefined()
    expect(outputs.follow({ ...everything, follows: true }, gone.signal)).toBeUndefined()
    last.abort()
    expect(outputs.follow({ ...everything, follows: true }, gone.signal)).toBeDefined()
  })
})
