/** One DER element (X.690) of this tag around these contents. */
export function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

export function sequence(...items: readonly Buffer[]): Buffer {
  return element(0x30, ...items)
}

/** A number that is not negative, as big-endian bytes. */
export function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const digits = start === -1 ? Buffer.from([0]) : bytes.subarray(start)
  return element(0x02, (digits[0] as number) > 0x7f ? Buffer.concat([Buffer.from([0]), digits]) : digits)
}

/** An object identifier in dotted form. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]))
}

export function octets(bytes: Buffer): Buffer {
  return element(0x04, bytes)
}

/** A bit string whose last `unused` bits do not count. */
export function bits(bytes: Buffer, unused = 0): Buffer {
  return element(0x03, Buffer.from([unused]), bytes)
}

export function text(value: string): Buffer {
  return element(0x0c, Buffer.from(value, 'utf8'))
}

export function yes(): Buffer {
  return element(0x01, Buffer.from([0xff]))
}

/** A time before 2050 (UTCTime). */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/\D/g, '').slice(2, 14)
  return element(0x17, Buffer.from(`${digits}Z`, 'latin1'))
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

function base128(value: number): number[] {
  const digits = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 0x80)
  return digits
}
