import { open } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { BoundedWriter, type LogDestination } from '../../../src/stdout/bounded-writer.ts'

/** A disk that does what the test says: `answer` settles the write under way. */
class Disk implements LogDestination {
  text = ''
  closed = 0
  #asked: { text: string; settle: (bytes: number | Error) => void } | undefined

  writev(chunks: readonly Uint8Array[]): Promise<{ bytesWritten: number }> {
    const text = Buffer.concat(chunks).toString()
    return new Promise((resolve, reject) => {
      this.#asked = {
        text,
        settle: (outcome) => {
          if (typeof outcome !== 'number') return reject(outcome)
          this.text += text.slice(0, outcome)
          resolve({ bytesWritten: outcome })
        },
      }
    })
  }

  get asked(): string | undefined {
    return this.#asked?.text
  }

  async answer(outcome?: number | Error): Promise<void> {
    const asked = this.#asked
    this.#asked = undefined
    asked?.settle(outcome ?? asked.text.length)
    await new Promise((resolve) => setImmediate(resolve))
  }

  close(): Promise<void> {
    this.closed++
    return Promise.resolve()
  }
}

function writerOf(limit = 100) {
  const losses: [string, number][] = []
  const writer = new BoundedWriter(limit, {
    onFailed: (code, bytes) => losses.push([code, bytes]),
    onBehind: (bytes) => losses.push(['behind', bytes]),
  })
  const write = (text: string): void => {
    writer.write(Buffer.from(text))
  }
  return { writer, write, losses, disk: new Disk() }
}

const diskFull = Object.assign(new Error('no space left'), { code: 'ENOSPC' })

test('bytes written before open() wait for it', async () => {
  const { writer, write, disk } = writerOf()
  write('a')
  write('b')
  writer.open(disk)
  expect(disk.asked).toBe('ab')
  await disk.answer()
  expect(disk.text).toBe('ab')
})

test('one write is under way at a time, and bytes that come meanwhile are written together', async () => {
  const { writer, write, disk } = writerOf()
  writer.open(disk)
  write('a')
  write('b')
  write('c')
  expect(disk.asked).toBe('a')
  await disk.answer()
  expect(disk.asked).toBe('bc')
})

test('no more bytes than the limit wait; the rest is dropped and counted', async () => {
  const { writer, write, disk, losses } = writerOf(10)
  writer.open(disk)
  write('12345')
  write('67890')
  write('x')
  write('yz')
  expect(losses).toEqual([
    ['behind', 1],
    ['behind', 2],
  ])
  await disk.answer()
  await disk.answer()
  write('again')
  await disk.answer()
  expect(disk.text).toBe('1234567890again')
})

test('a full disk loses bytes and is reported; when there is room again writing goes on', async () => {
  const { writer, write, disk, losses } = writerOf()
  writer.open(disk)
  write('12345')
  await disk.answer(diskFull)
  write('67890')
  await disk.answer()
  expect(disk.text).toBe('67890')
  expect(losses).toEqual([['ENOSPC', 5]])
})

test('the written part of a chunk is not written again', async () => {
  const { writer, write, disk, losses } = writerOf()
  writer.open(disk)
  write('12345')
  await disk.answer(2)
  expect(disk.asked).toBe('345')
  await disk.answer(diskFull)
  expect(disk.text).toBe('12')
  expect(losses).toEqual([['ENOSPC', 3]])
})

test('when a disk takes only a part twice, the rest is reported as lost', async () => {
  const { writer, write, disk, losses } = writerOf()
  writer.open(disk)
  write('12345')
  await disk.answer(2)
  await disk.answer(1)
  expect(disk.text).toBe('123')
  expect(losses).toEqual([['ENOSPC', 2]])
})

test('close() waits for the bytes that were taken, takes no more, and closes the destination once', async () => {
  const { writer, write, disk } = writerOf()
  writer.open(disk)
  write('1')
  write('2')
  const closing = writer.close()
  write('3')
  await disk.answer()
  await disk.answer()
  await closing
  await writer.close()
  expect(disk.text).toBe('12')
  expect(disk.closed).toBe(1)
})

test('after abandon() nothing is kept', async () => {
  const { writer, write, losses } = writerOf(10)
  write('12345')
  writer.abandon()
  write('67890')
  write('more than ten bytes')
  await writer.close()
  expect(losses).toEqual([])
})

test('a real file on a full disk behaves alike', async () => {
  const { writer, write, losses } = writerOf()
  // Every write to this device fails with ENOSPC.
  writer.open(await open('/dev/full', 'a'))
  write('12345')
  await writer.close()
  expect(losses).toEqual([['ENOSPC', 5]])
})
