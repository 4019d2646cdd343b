import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bundledRuntimeConfig } from '../../../../src/process/command/bundle.ts'
import { temporaryFolder } from '../../../support/folders.ts'

const signature = Buffer.from('8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae', 'hex')
const config = '{"runtimeOptions":{}}'
const mebibyte = 1024 * 1024

interface Bundle {
  /** Bytes of the host before the pointer to the header. */
  readonly before?: number
  readonly major?: number
  readonly idLength?: number
  readonly size?: number
  readonly offset?: number
  readonly header?: number
}

function int64(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(8 * numbers.length)
  for (const [i, number] of numbers.entries()) bytes.writeBigInt64LE(BigInt(number), 8 * i)
  return bytes
}

/** A file laid out as .NET's SDK lays out a single-file app. */
function bundle({ before = 5000, major = 6, idLength = 12, size, offset, header }: Bundle): Buffer {
  const host = Buffer.alloc(before, 'h')
  const textAt = before + 8 + signature.length
  const headerAt = textAt + config.length
  const head = Buffer.alloc(13)
  head.writeUInt32LE(major, 0)
  head.writeUInt8(idLength, 12)
  const places = int64(1, 1, offset ?? textAt, size ?? config.length, 0)
  const id = Buffer.alloc(idLength, 'i')
  return Buffer.concat([host, int64(header ?? headerAt), signature, Buffer.from(config), head, id, places])
}

async function read(bytes: Buffer): Promise<string | undefined> {
  const file = join(await temporaryFolder(), 'App')
  await writeFile(file, bytes)
  return bundledRuntimeConfig(file)
}

describe('the runtimeconfig.json inside a single-file app', () => {
  test.each([2, 6, 7])('is found in format %i', async (major) => {
    expect(await read(bundle({ major }))).toBe(config)
  })

  test.each([0, 1, 127])('is found behind an id of %i bytes', async (idLength) => {
    expect(await read(bundle({ idLength }))).toBe(config)
  })

  // Around the end of a piece that is read at once.
  test.each([
    -48, -41, -40, -39, -33, -32, -9, -8, -1, 0, 1, 31,
  ])('is found %i bytes from the end of a piece', async (by) => {
    expect(await read(bundle({ before: mebibyte + by }))).toBe(config)
    expect(await read(bundle({ before: 2 * mebibyte - 40 + by }))).toBe(config)
  })

  test('is found behind a host with the runtime in it', async () => {
    expect(await read(bundle({ before: 12 * mebibyte }))).toBe(config)
  })

  test.each([
    ['a program without the mark', Buffer.alloc(3 * mebibyte, 'x')],
    ['an empty file', Buffer.alloc(0)],
    ['a host whose app lies beside it', bundle({ header: 0 })],
    ['format 1, whose header is shorter', bundle({ major: 1 })],
    ['no runtimeconfig.json in it', bundle({ size: 0 })],
    ['a size that cannot be', bundle({ size: 2 ** 40 })],
    ['a size below zero', bundle({ size: -1 })],
    ['an id that cannot be', bundle({ idLength: 128 })],
    ['a place before the file', bundle({ offset: -5 })],
    ['a header before the file', bundle({ header: -5 })],
    ['the mark at the very beginning', signature],
  ])('is not there in %s', async (_, bytes) => {
    expect(await read(bytes)).toBeUndefined()
  })

  test('a truncated file gives the part that is there', async () => {
    const whole = bundle({})
    expect((await read(whole.subarray(0, -60)))?.length ?? 0).toBeLessThan(config.length + 1)
    expect(await read(bundle({ header: 10_000_000 }))).toBeUndefined()
  })

  test('is undefined for a file that does not exist', async () => {
    expect(await bundledRuntimeConfig('/nowhere/App')).toBeUndefined()
    expect(await bundledRuntimeConfig('/')).toBeUndefined()
  })
})
