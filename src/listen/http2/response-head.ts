import { isFieldName, isFieldValue } from '../../http/field-syntax.ts'

/** Fields of a connection, which HTTP/2 does not have (RFC 9113 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'te', 'host',
]) // biome-ignore format: a table

/** Adds the fields of a flat list in the form of HTTP/2; leaves out those that it does not have or cannot carry. */
export function addOutgoing(flat: readonly string[], to: string[]): void {
  for (let i = 0; i < flat.length; i += 2) {
    const name = outgoingName(flat[i] as string)
    const value = flat[i + 1] as string
    if (name !== '' && isFieldValue(value)) to.push(name, withoutOuterBlanks(value))
  }
}

/** How many names are remembered. */
const MAX_NAMES = 512

const names = new Map<string, string>()

/** The name as HTTP/2 has it; '' for a field that it does not have. */
function outgoingName(written: string): string {
  const known = names.get(written)
  if (known !== undefined) return known
  const lower = written.toLowerCase()
  const name = CONNECTION_FIELDS.has(lower) || !isFieldName(lower) ? '' : lower
  if (names.size < MAX_NAMES) names.set(written, name)
  return name
}

/** HTTP/2 has no blanks around a value (RFC 9113 8.2.1). */
function withoutOuterBlanks(value: string): string {
  if (!isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1))) return value
  return value.replaceAll(/^[ \t]+|[ \t]+$/g, '')
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
