import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { BoundedStream, gapLine, type LineState } from '../../../src/cli/streams/bounded-stream.ts'

/** A reader that takes what is written when the test says so. */
class Reader extends Writable {
  text = ''
  reading: boolean
  #held: (() => void) | undefined

  constructor(reading: boolean) {
    super()
    this.reading = reading
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const take = (): void => {
      this.text += chunk.toString()
      done()
    }
    if (this.reading) take()
    else this.#held = take
  }

  async read(): Promise<void> {
    this.reading = true
    this.#held?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const megabyte = Buffer.alloc(1024 * 1024, `${'x'.repeat(63)}\n`)

function open(reading = true, line?: LineState) {
  const reader = new Reader(reading)
  return { reader, stream: new BoundedStream(reader, line) }
}

/** As much as may wait, and one byte. */
function fill(stream: BoundedStream): void {
  for (let block = 0; block < 4; block += 1) stream.write(megabyte)
  stream.write(Buffer.from('\n'))
}

describe('a stream that nobody reads', () => {
  it('queues four megabytes and drops the rest, which is counted and reported when the reader goes on', async () => {
    const { reader, stream } = open(false)
    fill(stream)
    stream.write(Buffer.from('lost'))
    stream.writeLine('verloren π\n')
    expect(reader.writableLength).toBe(4 * megabyte.length + 1)
    await reader.read()
    stream.writeLine('again\n')
    expect(reader.text.slice(4 * megabyte.length)).toBe(`\n${gapLine(16)}again\n`)
    expect(gapLine(16)).toBe('ancmd: 16 bytes of output were dropped here because nobody read them\n')
  })

  it('reports the gap though nothing more is written', async () => {
    const { reader, stream } = open(false)
    fill(stream)
    stream.writeLine('lost\n')
    await reader.read()
    expect(reader.text.endsWith(`\n${gapLine(5)}`)).toBe(true)
  })

  it('reports each gap once, to the listener if there is one', async () => {
    const { reader, stream } = open(false)
    const gaps: number[] = []
    stream.onGap((bytes) => gaps.push(bytes))
    fill(stream)
    stream.writeLine('lost\n')
    await reader.read()
    stream.writeLine('one\n')
    reader.reading = false
    fill(stream)
    stream.writeLine('gone\n')
    stream.writeLine('too\n')
    await reader.read()
    stream.writeLine('two\n')
    expect(gaps).toEqual([5, 9])
    expect(reader.text).not.toContain('ancmd:')
  })

  it('is not waited for at the end for longer than the given time', async () => {
    const { reader, stream } = open(false)
    stream.writeLine('unread\n')
    await stream.flush(10)
    expect(reader.text).toBe('')
  })

  it('may fail without ending the daemon', () => {
    const { reader, stream } = open()
    reader.destroy(new Error('EPIPE'))
    stream.writeLine('to nobody\n')
    stream.write(Buffer.from('to nobody'))
  })
})

describe('at the end', () => {
  it('everything is waited for, also the report of a gap', async () => {
    const { reader, stream } = open(false)
    fill(stream)
    stream.writeLine('lost\n')
    const flushed = stream.flush(5000)
    await reader.read()
    await flushed
    expect(reader.text.endsWith(gapLine(5))).toBe(true)
    expect(reader.writableLength).toBe(0)
  })

  it('nothing is waited for when everything has been read', async () => {
    const { stream } = open()
    stream.writeLine('a\n')
    await stream.flush(60_000)
  })
})

describe('a line of the daemon', () => {
  it('ends the unfinished line of an app before it, and adds no line end otherwise', () => {
    const { reader, stream } = open()
    stream.writeLine('one\n')
    stream.write(Buffer.from('partial'))
    stream.write(Buffer.alloc(0))
    stream.writeLine('two\n')
    stream.writeLine('three\n')
    stream.write(Buffer.from('whole\n'))
    stream.writeLine('four\n')
    expect(reader.text).toBe('one\npartial\ntwo\nthree\nwhole\nfour\n')
  })

  it('ends an unfinished line of the other stream when both go to the same file', () => {
    const line: LineState = { isOpen: false }
    const [output, error] = [open(true, line), open(true, line)]
    output.stream.write(Buffer.from('partial'))
    error.stream.writeLine('one\n')
    error.stream.writeLine('two\n')
    expect(error.reader.text).toBe('\none\ntwo\n')
  })

  it('ignores an unfinished line of the other stream when they go to different files', () => {
    const [output, error] = [open(), open()]
    output.stream.write(Buffer.from('partial'))
    error.stream.writeLine('one\n')
    expect(error.reader.text).toBe('one\n')
  })
})
