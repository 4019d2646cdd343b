import { failed, ok, type Result } from '../platform/result.ts'

/** Why a path cannot be decoded. */
export type PathFault = 'forbidden-character' | 'malformed-escape'

const PERCENT = 0x25
const BACKSLASH = 0x5c
const SLASH = 0x2f

/**
 * Decodes the percent escapes of a path once, as UTF-8, and replaces `\` by `/`, as http.sys does. Bytes that are not
 * UTF-8 become U+FFFD. Escaped control characters are refused.
 */
export function decodePath(path: string): Result<string, PathFault> {
  const bytes = Buffer.allocUnsafe(path.length)
  let length = 0
  for (let i = 0; i < path.length; i++) {
    let c = path.charCodeAt(i)
    if (c === PERCENT) {
      const high = hexDigit(path.charCodeAt(i + 1))
      const low = hexDigit(path.charCodeAt(i + 2))
      if (high === -1 || low === -1) return failed('malformed-escape')
      c = high * 16 + low
      i += 2
      if (c < 0x20 || c === 0x7f) return failed('forbidden-character')
    }
    bytes[length++] = c === BACKSLASH ? SLASH : c
  }
  return ok(bytes.toString('utf8', 0, length))
}

function hexDigit(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30
  const lower = c | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** The path with each run of slashes as one, as HTTP.sys reads it where it looks for an application, and IIS's modules. */
export function collapseSlashes(path: string): string {
  return path.includes('//') ? path.replaceAll(/\/{2,}/g, '/') : path
}
