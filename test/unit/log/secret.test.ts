import { describe, expect, it } from 'vitest'
import { SecretFilter, secretMark } from '../../../src/log/secret.ts'

const token = '1a2b3c4d-0000-4000-8000-aabbccddeeff'

function filterOf(secret = token) {
  let text = ''
  const filter = new SecretFilter(secret, (chunk) => {
    text += Buffer.from(chunk).toString()
  })
  const write = (...chunks: string[]): void => {
    for (const chunk of chunks) filter.write(Buffer.from(chunk))
  }
  return { filter, write, text: () => text }
}

/** All of it at once, and cut at each place in two and three. */
function everyWayOf(secret: string, whole: string): Set<string> {
  const texts = new Set<string>()
  for (let first = 0; first <= whole.length; first += 1) {
    for (const second of [first, first + 1, first + 5, whole.length]) {
      const { filter, write, text } = filterOf(secret)
      write(whole.slice(0, first), whole.slice(first, second), whole.slice(second))
      filter.end()
      texts.add(text())
    }
  }
  return texts
}

describe('a secret in a stream', () => {
  it('is blotted out wherever the chunks cut it, once, twice and at both ends', () => {
    const whole = `${token} and '${token}${token}'.\nnothing\n${token}`
    const expected = `${secretMark} and '${secretMark}${secretMark}'.\nnothing\n${secretMark}`
    expect(everyWayOf(token, whole)).toEqual(new Set([expected]))
  })

  it('is found behind a beginning of itself', () => {
    expect(everyWayOf('aab', 'aaab aaaab ab aa')).toEqual(new Set([`a${secretMark} aa${secretMark} ab aa`]))
  })

  it('is found when every byte comes alone', () => {
    const { filter, write, text } = filterOf()
    write(...`x${token.slice(0, 9)}${token}y`)
    filter.end()
    expect(text()).toBe(`x${token.slice(0, 9)}${secretMark}y`)
  })

  it('of which a beginning was let go is not told further', () => {
    for (let cut = 1; cut < token.length; cut += 1) {
      const { filter, write, text } = filterOf()
      write(`x${token.slice(0, cut)}`)
      filter.release()
      expect(text()).toBe(`x${token.slice(0, cut)}`)
      write(`${token.slice(cut)}y`)
      expect(text()).toBe(`x${token.slice(0, cut)}${secretMark}y`)
    }
  })

  it('of which a beginning was let go, and something else followed: that is passed on', () => {
    const { write, filter, text } = filterOf('aaab')
    write('aa')
    filter.release()
    write('ac aa')
    filter.release()
    write('aab')
    expect(text()).toBe(`aaac aa${secretMark}`)
  })

  it('of which a beginning was let go, and the same began again: nothing is passed on twice', () => {
    const { write, filter, text } = filterOf('aaab')
    write('aaa')
    filter.release()
    write('a', 'x')
    expect(text()).toBe('aaaax')
  })

  it('is blotted out in part when the stream ends within it', () => {
    const { write, filter, text } = filterOf()
    write(`token=${token.slice(0, 20)}`)
    filter.end()
    filter.end()
    expect(text()).toBe(`token=${secretMark}`)
  })
})

describe('what is no secret', () => {
  it('goes on at once, as the chunk that it was', () => {
    const chunks: Uint8Array[] = []
    const filter = new SecretFilter(token, (chunk) => chunks.push(chunk))
    const chunk = Buffer.from('a line\n')
    filter.write(chunk)
    expect(chunks).toHaveLength(1)
    expect(chunks[0]?.buffer).toBe(chunk.buffer)
    expect(Buffer.compare(chunks[0] ?? Buffer.alloc(0), chunk)).toBe(0)
    expect(filter.isWaiting).toBe(false)
  })

  it('waits only while it could become one, and is let go when asked or at the end', () => {
    const { filter, write, text } = filterOf()
    write('Step 1')
    expect(text()).toBe('Step ')
    expect(filter.isWaiting).toBe(true)
    filter.release()
    expect(text()).toBe('Step 1')
    expect(filter.isWaiting).toBe(false)
    write(' of 1')
    filter.end()
    expect(text()).toBe('Step 1 of 1')
  })

  it('is not let go for being slow when it is no accident', () => {
    const { filter, write } = filterOf()
    write(token.slice(0, 7))
    expect(filter.isWaiting).toBe(true)
    write(token.slice(7, 8))
    expect(filter.isWaiting).toBe(false)
  })
})
