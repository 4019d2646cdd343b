import { METHODS } from 'node:http'
import type { OurReading } from './our-reading.ts'
import type { ReadRequest } from './reading.ts'
import { hasSizeLineBlanks } from './size-line-blanks.ts'

const known: ReadonlySet<string> = new Set(METHODS)

/**
 * How many of these requests node can be asked about. It knows a closed list of methods where HTTP has none, reads nothing
 * behind a request that ends the connection, and leaves HTTP at a CONNECT.
 */
export function comparable(requests: readonly ReadRequest[]): number {
  for (const [i, request] of requests.entries()) {
    if (!isKnownMethod(request.method)) return i
    if (endsConnection(request)) return i + 1
  }
  return requests.length
}

/** The same for what we have read of these bytes: node refuses blanks in the size lines of chunks besides. */
export function comparableReading({ requests, ends }: OurReading, bytes: Buffer): number {
  const asked = comparable(requests)
  const text = bytes.toString('latin1')
  for (let i = 0; i < asked; i++) if (hasSizeLineBlanks(text, ends[i - 1] ?? 0)) return i
  return asked
}

export function isKnownMethod(method: string): boolean {
  return known.has(method) && method !== 'CONNECT'
}

/** Is nothing behind it a request for node, though it is for us? */
export function endsConnection({ fields }: ReadRequest): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase()
    // Node takes Proxy-Connection for another Connection, and an upgrade that it says for the end of HTTP.
    if (name !== 'connection' && name !== 'proxy-connection') continue
    const value = (fields[i + 1] as string).toLowerCase()
    if (value.includes('upgrade') || (name === 'proxy-connection' && value.includes('close'))) return true
  }
  return false
}
