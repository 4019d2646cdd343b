/** What the first bytes of a connection are. */
export type FirstBytes =
  /** `serverName`: the host name that the client asks for, in lower case and without a final dot; '' without one. */
  | { readonly kind: 'hello'; readonly serverName: string }
  /** More bytes are needed: `atLeast` altogether before it is worth asking again. */
  | { readonly kind: 'partial'; readonly atLeast: number }
  /** A request in plain HTTP. */
  | { readonly kind: 'http' }
  | { readonly kind: 'foreign'; readonly why: string }

/** A hello with the keys of several groups and a session ticket takes about 4 KiB. */
const maxBytes = 32_768
const handshakeRecord = 22
const clientHello = 1
const serverNameExtension = 0

/**
 * Reads the TLS ClientHello (RFC 8446 4.1.2) at the start of a connection, as far as the choice of a certificate needs
 * it; TLS itself checks everything else. It may be spread over several records. Pure.
 */
export function readFirstBytes(bytes: Buffer): FirstBytes {
  if (bytes.length === 0) return { kind: 'partial', atLeast: 1 }
  if (bytes[0] !== handshakeRecord) {
    return isRequestLine(bytes) ? { kind: 'http' } : { kind: 'foreign', why: 'it does not begin with a TLS handshake' }
  }
  const message = joinRecords(bytes)
  if ('kind' in message) return message
  const { type, body } = message
  if (type !== clientHello) return { kind: 'foreign', why: 'its first TLS message is no ClientHello' }
  return { kind: 'hello', serverName: serverNameOf(body) }
}

/** A method begins with a letter; a request that has only begun is taken for one, too. */
function isRequestLine(bytes: Buffer): boolean {
  return /^[A-Za-z]{3,20}(?: |$)/.test(bytes.toString('latin1', 0, 24)) || /^[A-Z]{1,2}$/.test(bytes.toString('latin1'))
}

/** Joins the first handshake message from its records. */
function joinRecords(bytes: Buffer): { readonly type: number; readonly body: Buffer } | FirstBytes {
  const parts: Buffer[] = []
  let joined = 0
  let needed = 4
  let at = 0
  while (joined < needed) {
    if (at >= maxBytes) return { kind: 'foreign', why: `its ClientHello is larger than ${String(maxBytes)} bytes` }
    if (bytes.length < at + 5) return { kind: 'partial', atLeast: at + 5 }
    const length = bytes.readUInt16BE(at + 3)
    if (bytes[at] !== handshakeRecord || bytes[at + 1] !== 3 || length === 0 || length > 16_384) {
      return { kind: 'foreign', why: 'its TLS records are malformed' }
    }
    const end = at + 5 + length
    if (bytes.length < end) return end > maxBytes + 5 ? tooLarge : { kind: 'partial', atLeast: end }
    parts.push(bytes.subarray(at + 5, end))
    joined += length
    at = end
    if (needed === 4 && joined >= 4) needed = 4 + (Buffer.concat(parts).readUInt32BE(0) & 0xff_ff_ff)
    if (needed > maxBytes) return tooLarge
  }
  const message = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  return { type: message[0] as number, body: message.subarray(4, needed) }
}

const tooLarge: FirstBytes = { kind: 'foreign', why: `its ClientHello is larger than ${String(maxBytes)} bytes` }

/** The host name in the server_name extension (RFC 6066 3); '' where there is none, or where the hello is malformed. */
function serverNameOf(body: Buffer): string {
  // Version and random, then three vectors: session id, cipher suites, compression methods.
  let at = 34
  at += 1 + (body[at] ?? 0)
  at += 2 + word(body, at)
  at += 1 + (body[at] ?? 0)
  const end = Math.min(body.length, at + 2 + word(body, at))
  at += 2
  while (at + 4 <= end) {
    const type = word(body, at)
    const length = word(body, at + 2)
    const data = body.subarray(at + 4, Math.min(end, at + 4 + length))
    if (type === serverNameExtension) return nameIn(data)
    at += 4 + length
  }
  return ''
}

function nameIn(data: Buffer): string {
  // The list's length, the name's kind (0: host name), the name's length, the name.
  const length = word(data, 3)
  if (data[2] !== 0 || length === 0 || 5 + length > data.length) return ''
  const name = data
    .toString('latin1', 5, 5 + length)
    .toLowerCase()
    .replace(/\.$/, '')
  return /^[a-z0-9._-]{1,253}$/.test(name) ? name : ''
}

function word(bytes: Buffer, at: number): number {
  return at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0
}
