import { describe, expect, test } from 'vitest'
import { corpus } from './corpus.ts'
import { comparable, NodeReader } from './node-reading.ts'
import { readOurs } from './our-reading.ts'

const node = new NodeReader()
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')

describe.each(corpus)('$name', ({ bytes: text, takes, refused }) => {
  const bytes = bytesOf(text)

  test(refused ? 'is refused' : 'is read', () => {
    const ours = readOurs([bytes])
    expect({ takes: ours.requests.length, refused: ours.refused }).toEqual({ takes, refused })
  })

  test('is read alike wherever it is split, and byte by byte', () => {
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

  test('is read by node as we read it, where we read it', async () => {
    const ours = readOurs([bytes])
    const asked = comparable(ours.requests)
    const theirs = await node.read([bytes])
    expect(theirs.requests.slice(0, asked)).toEqual(ours.requests.slice(0, asked))
  })

  test('leaves what comes before it alone', () => {
    const before = bytesOf('GET /before HTTP/1.1\r\nHost: a\r\n\r\n')
    const ours = readOurs([Buffer.concat([before, bytes])])
    expect(ours.requests[0]?.target).toBe('/before')
    expect(ours.requests.length).toBe(takes + 1)
    expect(ours.refused).toBe(refused)
  })
})
