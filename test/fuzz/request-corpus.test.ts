import { describe, expect, test } from 'vitest'
import { comparableReading } from './comparable.ts'
import { corpus } from './corpus/corpus.ts'
import { NodeParser } from './node-parser.ts'
import { NodeReader } from './node-reading.ts'
import { type OurReading, readOurs } from './our-reading.ts'
import { isSameRequest } from './reading.ts'
import { known } from './request-samples.ts'

const server = new NodeReader()
const parser = new NodeParser()
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')

describe.each(corpus)('$name', ({ bytes: text, takes, refused }) => {
  const bytes = bytesOf(text)

  test(refused ? 'is refused' : 'is read', () => {
    const ours = readOurs([bytes])
    expect({ takes: ours.requests.length, refused: ours.refused }).toEqual({ takes, refused })
  })

  test('is read in the same way wherever it is split, and byte by byte', () => {
    const whole = readOurs([bytes])
    // Of a long input the places around every line end are enough.
    const places =
      bytes.length < 2_000
        ? bytes.map((_, i) => i)
        : Uint16Array.from([1, 16_383, 16_384, 16_385, bytes.length - 2, bytes.length - 1])
    for (const at of places) {
      if (at === 0 || at >= bytes.length) continue
      expect(readOurs([bytes.subarray(0, at), bytes.subarray(at)]), `split at ${String(at)}`).toEqual(whole)
    }
    expect(readOurs(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(whole)
  })

  test('is read by Node as by ancmd, where ancmd accepts it', async () => {
    const ours = readOurs([bytes])
    const asked = comparableReading(ours, bytes)
    for (const theirs of [parser.read([bytes]), await server.read([bytes])]) {
      expect(theirs.requests.slice(0, asked)).toEqual(ours.requests.slice(0, asked))
    }
  })
})

/** Milliseconds; a second or two here. */
const LIMIT = 60_000

/** Long ones are about limits, and would make this quadratic test slow. */
const inputs = known.map((text) => ({ text, bytes: bytesOf(text), reading: readOurs([bytesOf(text)]) }))

test('each input of the corpora is read in the same way wherever it is split', { timeout: LIMIT }, () => {
  for (const { text, bytes, reading } of inputs) {
    for (let at = 1; at < bytes.length; at++) {
      const found = readOurs([bytes.subarray(0, at), bytes.subarray(at)])
      if (!isSame(found, reading)) expect(found, `${JSON.stringify(text)} split at ${String(at)}`).toEqual(reading)
    }
  }
  expect(inputs.length).toBeGreaterThan(500)
})

test('each input behind each other one is read as it is alone, and does not change how the one before it is read', {
  timeout: LIMIT,
}, () => {
  let glued = 0
  for (const first of inputs) {
    // What waits for more takes what comes for it.
    const isDone =
      first.reading.refused || first.reading.over !== undefined || first.reading.used === first.bytes.length
    if (!isDone) continue
    for (const second of inputs) {
      const found = readOurs([Buffer.concat([first.bytes, second.bytes])])
      const expected = behind(first.reading, second.reading, first.bytes.length)
      if (!isSame(found, expected)) expect(found, JSON.stringify([first.text, second.text])).toEqual(expected)
      glued++
    }
  }
  expect(glued).toBeGreaterThan(200_000)
})

/** Nothing is read behind what is refused, or behind the last request. */
function behind(first: OurReading, second: OurReading, offset: number): OurReading {
  if (first.refused || first.over !== undefined) return first
  return {
    ...second,
    requests: [...first.requests, ...second.requests],
    used: offset + second.used,
    ends: [...first.ends, ...second.ends.map((end) => offset + end)],
  }
}

function isSame(a: OurReading, b: OurReading): boolean {
  const { begun } = b
  return (
    a.refused === b.refused &&
    a.why === b.why &&
    a.used === b.used &&
    a.over === b.over &&
    a.ends.join() === b.ends.join() &&
    (a.begun === undefined || begun === undefined ? a.begun === begun : isSameRequest(a.begun, begun)) &&
    a.requests.length === b.requests.length &&
    a.requests.every((request, i) => isSameRequest(request, b.requests[i] as typeof request))
  )
}
