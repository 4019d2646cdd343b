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
  it('is replaced wherever the chunks cut it, once, twice and at both ends', () => {
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

  it('whose beginning was released has its rest replaced', () => {
    for (let cut = 1; cut < token.length; cut += 1) {
      const { filter, write, text } = filterOf()
      write(`x${token.slice(0, cut)}`)
      filter.release()
      expect(text()).toBe(`x${token.slice(0, cut)}`)
      write(`${token.slice(cut)}y`)
      expect(text()).toBe(`x${token.slice(0, cut)}${secretMark}y`)
    }
  })

  it('whose beginning was released is passed on if something else follows', () => {
    const { write, filter, text } = filterOf('aaab')
    write('aa')
    filter.release()
    write('ac aa')
    filter.release()
    write('aab')
    expect(text()).toBe(`aaac aa${secretMark}`)
  })

  it('whose beginning was released and comes again is not passed on twice', () => {
    const { write, filter, text } = filterOf('aaab')
    write('aaa')
    filter.release()
    write('a', 'x')
    expect(text()).toBe('aaaax')
  })

  it('is replaced also when the stream ends within it', () => {
    const { write, filter, text } = filterOf()
    write(`token=${token.slice(0, 20)}`)
    filter.end()
    filter.end()
    expect(text()).toBe(`token=${secretMark}`)
  })
})

describe('other text', () => {
  it('is passed on at once, as the same chunk', () => {
    const chunks: Uint8Array[] = []
    const filter = new SecretFilter(token, (chunk) => chunks.push(chunk))
    const chunk = Buffer.from('a line\n')
    filter.write(chunk)
    expect(chunks).toHaveLength(1)
    expect(chunks[0]?.buffer).toBe(chunk.buffer)
    expect(Buffer.compare(chunks[0] ?? Buffer.alloc(0), chunk)).toBe(0)
    expect(filter.isWaiting).toBe(false)
  })

  it('waits only while it may be the beginning of the secret, and is passed on by release() or at the end', () => {
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

  it('is not released once eight bytes of the secret have come', () => {
    const { filter, write } = filterOf()
    write(token.slice(0, 7))
    expect(filter.isWaiting).toBe(true)
    write(token.slice(7, 8))
    expect(filter.isWaiting).toBe(false)
  })
})
