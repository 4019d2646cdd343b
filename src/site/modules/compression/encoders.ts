import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { FreshEncoder, type MakeEncoder } from './encoder.ts'
import { ReusedStreams, type ZlibStream } from './reused-streams.ts'
import type { CodingName } from './settings.ts'

/** Makes a stream that compresses at this level; 0 is the usual level of the coding. `flush`: of zlib's alone. */
type MakeStream = (level: number, flush?: number) => Transform

const { constants } = zlib

/** A window of 256 KiB: larger ones cost each response memory, and gain little where every write is flushed. */
const brotliWindowBits = 18

/** Level 0 is the usual one for responses that are compressed on their way: fast rather than small. */
const streams = {
  gzip: (level, flush): ZlibStream => zlib.createGzip({ level: zlibLevel(level), flush }) as zlib.Gzip & ZlibStream,
  deflate: (level, flush): ZlibStream => zlib.createDeflate({ level: zlibLevel(level), flush }),
  br: (level) =>
    zlib.createBrotliCompress({
      flush: constants.BROTLI_OPERATION_FLUSH,
      params: {
        [constants.BROTLI_PARAM_QUALITY]: level === 0 ? 4 : level,
        [constants.BROTLI_PARAM_LGWIN]: brotliWindowBits,
      },
    }),
  zstd: makeZstd(),
} satisfies Readonly<Record<CodingName, MakeStream | undefined>>

/** Whether this is the name of a coding that some version of Node knows. */
export function isCodingName(name: string): name is CodingName {
  return Object.hasOwn(streams, name)
}

/** Whether this version of Node has the coding. */
export function isKnownCoding(name: CodingName): boolean {
  return streams[name] !== undefined
}

/** The source of encoders of a coding that is known, all of the same level. */
export function encodersOf(name: CodingName, level: number): MakeEncoder {
  if (name === 'gzip' || name === 'deflate') {
    const make = streams[name]
    const reused = new ReusedStreams((flush) => make(level, flush))
    return (body) => reused.take(body)
  }
  const make = streams[name]
  if (make === undefined) throw new Error(`this Node has no ${name}`)
  return () => new FreshEncoder(make(level))
}

function zlibLevel(level: number): number {
  return Math.min(Math.max(level, 1), 9)
}

/** Node has Zstandard from 22.15 on; the types of older versions do not know it. */
function makeZstd(): MakeStream | undefined {
  const { createZstdCompress } = zlib as { createZstdCompress?: (options: object) => Transform }
  if (createZstdCompress === undefined) return undefined
  const named = constants as unknown as Readonly<Record<string, number>>
  return (level) =>
    createZstdCompress({
      flush: named['ZSTD_e_flush'],
      params: { [named['ZSTD_c_compressionLevel'] as number]: level === 0 ? 3 : level },
    })
}
