/** A key of a keytab, without the key itself. */
export interface KeytabEntry {
  /** Such as `HTTP/www.example.org`. */
  readonly name: string
  readonly realm: string
}

/**
 * The names of the keys in a keytab of MIT or Heimdal (format 0x0502). Undefined: it is none. Removed entries, which are
 * holes in the file, are left out.
 */
export function readKeytab(bytes: Buffer): readonly KeytabEntry[] | undefined {
  if (bytes.length < 2 || bytes[0] !== 5 || bytes[1] !== 2) return undefined
  const entries: KeytabEntry[] = []
  let at = 2
  while (at + 4 <= bytes.length) {
    const size = bytes.readInt32BE(at)
    const begin = at + 4
    at = begin + Math.abs(size)
    if (size === 0 || at > bytes.length) return entries
    const entry = size > 0 ? readEntry(bytes.subarray(begin, at)) : undefined
    if (entry !== undefined) entries.push(entry)
  }
  return entries
}

function readEntry(bytes: Buffer): KeytabEntry | undefined {
  let at = 2
  const text = (): string | undefined => {
    if (at + 2 > bytes.length) return undefined
    const length = bytes.readUInt16BE(at)
    const begin = at + 2
    at = begin + length
    return at > bytes.length ? undefined : bytes.toString('utf8', begin, at)
  }
  if (bytes.length < 2) return undefined
  const count = bytes.readUInt16BE(0)
  const realm = text()
  const parts: string[] = []
  for (let i = 0; i < count; i++) {
    const part = text()
    if (part === undefined) return undefined
    parts.push(part)
  }
  return realm === undefined ? undefined : { name: parts.join('/'), realm }
}
