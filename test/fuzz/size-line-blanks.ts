const QUOTED = /"(?:[^"\\]|\\.)*"/g

/**
 * Are there blanks in a size line of this chunked message (RFC 9112 7.1.1), which begins at `from`? Latin-1; the message may
 * be incomplete. node's parser and Kestrel refuse such a line.
 */
export function hasSizeLineBlanks(bytes: string, from: number): boolean {
  const head = /^(?:\r\n)?[^]*?\r\n\r\n/.exec(bytes.slice(from))?.[0]
  if (head === undefined || !/\r\ntransfer-encoding:[ \t]*chunked *\r\n/i.test(head)) return false
  let at = from + head.length
  for (;;) {
    const end = bytes.indexOf('\r\n', at)
    const line = bytes.slice(at, end === -1 ? undefined : end)
    if (/[ \t]/.test(line.replaceAll(QUOTED, ''))) return true
    const size = parseInt(line, 16)
    if (end === -1 || !(size > 0)) return false
    at = end + 2 + size + 2
  }
}
