import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import type { CodingName } from './settings.ts'

/** Makes the encoder for one response. What is written to it comes out without waiting for more. */
export type MakeEncoder = (level: number) => Transform

const { constants } = zlib

/** A window of 256 KiB: larger ones cost each response memory, and gain little where every write is flushed. */
const brotliWindowBits = 18

/** Level 0 is the usual one for responses that are compressed on their way: fast rather than small. */
const encoders: Readonly<Record<CodingName, MakeEncoder | undefined>> = {
  gzip: (level) => zlib.createGzip({ level: zlibLevel(level), flush: constants.Z_SYNC_FLUSH }),
  deflate: (level) => zlib.createDeflate({ level: zlibLevel(level), flush: constants.Z_SYNC_FLUSH }),
  br: (level) =>
    zlib.createBrotliCompress({
      flush: constants.BROTLI_OPERATION_FLUSH,
      params: {
        [constants.BROTLI_PARAM_QUALITY]: level === 0 ? 4 : level,
        [constants.BROTLI_PARAM_LGWIN]: brotliWindowBits,
      },
    }),
  zstd: makeZstd(),
}

/** Whether this is the name of a coding that some version of Node knows. */
export function isCodingName(name: string): name is CodingName {
  return Object.hasOwn(encoders, name)
}

/** Whether this version of Node has the coding. */
export function isKnownCoding(name: CodingName): boolean {
  return encoders[name] !== undefined
}

/** The maker of encoders of a coding that is known. */
export function encoderOf(name: CodingName): MakeEncoder {
  const make = encoders[name]
  if (make === undefined) throw new Error(`this Node has no ${name}`)
  return make
}

function zlibLevel(level: number): number {
  return Math.min(Math.max(level, 1), 9)
}

/** Node has Zstandard from 22.15 on; the types of older versions do not know it. */
function makeZstd(): MakeEncoder | undefined {
  const { createZstdCompress } = zlib as { createZstdCompress?: (options: object) => Transform }
  if (createZstdCompress === undefined) return undefined
  const named = constants as unknown as Readonly<Record<string, number>>
  return (level) =>
    createZstdCompress({
      flush: named['ZSTD_e_flush'],
      params: { [named['ZSTD_c_compressionLevel'] as number]: level === 0 ? 3 : level },
    })
}
