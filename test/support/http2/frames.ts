// HTTP/2 frames (RFC 9113 4) and header blocks (RFC 7541) written byte for byte, so that a test can also write what no
// client library would. Header fields are literals without indexing or compression.

export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rst: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const END_STREAM = 1
export const ACK = 1
export const END_HEADERS = 4
export const PADDED = 8
export const PRIORITY = 32

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** A frame of any type; `length` differs from that of the payload where a test lies about it. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array | string = '',
  length?: number,
): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload
  const head = Buffer.alloc(9)
  head.writeUIntBE(length ?? body.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, body])
}

/** A header block of literal fields; names and values are Latin-1 and may be anything. */
export function block(...fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.of(0), text(name), text(value)])))
}

/** A string literal without Huffman coding. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([integer(bytes.length, 7, 0), bytes])
}

/** An integer with a prefix of so many bits, the bits before it set as in `first` (RFC 7541 5.1). */
export function integer(value: number, bits: number, first: number): Buffer {
  const max = 2 ** bits - 1
  if (value < max) return Buffer.of(first | value)
  const bytes = [first | max]
  let rest = value - max
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}

export function headers(stream: number, fields: Uint8Array, flags: number = END_STREAM | END_HEADERS): Buffer {
  return frame(FrameType.headers, flags, stream, fields)
}

export function data(stream: number, bytes: string | Uint8Array, flags: number = END_STREAM): Buffer {
  return frame(FrameType.data, flags, stream, bytes)
}

export function reset(stream: number, code = 8): Buffer {
  return frame(FrameType.rst, 0, stream, uint32(code))
}

export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.concat(
    pairs.map(([id, value]) => Buffer.concat([Buffer.of(id >> 8, id & 255), uint32(value)])),
  )
  return frame(FrameType.settings, 0, 0, payload)
}

export function windowUpdate(stream: number, by: number): Buffer {
  return frame(FrameType.windowUpdate, 0, stream, uint32(by))
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** The pseudo-fields of a request to host `a` over plain TCP, and more fields. */
export function request(
  method: string,
  path: string,
  ...fields: readonly (readonly [name: string, value: string])[]
): Buffer {
  return block([':method', method], [':scheme', 'http'], [':authority', 'a'], [':path', path], ...fields)
}
