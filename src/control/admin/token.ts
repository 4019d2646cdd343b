import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { failed, ok, type Result } from '../../platform/result.ts'

/** A token that was made for one run of the daemon: 192 random bits, in letters that need no escape in a URL. */
export function makeToken(): string {
  return randomBytes(24).toString('base64url')
}

/** Reads the first line of a token file. The failure is a sentence with the cure. */
export function readToken(file: string): Result<string, string> {
  try {
    const { mode } = statSync(file)
    if ((mode & 0o007) !== 0) {
      return failed(
        `everybody on this machine may use the token file '${file}'. Take the right away: chmod o-rwx '${file}'.`,
      )
    }
    const token = (readFileSync(file, 'utf8').split('\n')[0] as string).trim()
    if (/^[\x21-\x7e]{16,}$/.test(token)) return ok(token)
    return failed(
      `the first line of the token file '${file}' has to be 16 or more printable characters without blanks. Make one: openssl rand -hex 24.`,
    )
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return failed(`the token file '${file}' cannot be read (${code}). Make it, readable for the daemon's user only.`)
  }
}

/** Whether an Authorization field carries the token; takes as long for a wrong one as for the right one. */
export function carriesToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
