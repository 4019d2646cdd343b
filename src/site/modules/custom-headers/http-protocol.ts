import { type Place, type Problems, shown } from '../../../config/problems.ts'
import { type AnyShape, bareElement, type ElementShape, readShaped, type Written } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { isFieldName, isFieldValue } from '../../../http/field-syntax.ts'
import { bool, nonEmpty, string } from '../../../platform/schema.ts'

export interface CustomHeader {
  readonly name: string
  /** Without blanks at its ends; may be empty. */
  readonly value: string
}

interface AddedHeader extends CustomHeader {
  readonly at: Place
}

const addShape: ElementShape<CustomHeader> = {
  kinds: { name: nonEmpty('the name of a header field'), value: string() },
  required: ['name'],
}

const removeShape: ElementShape<Pick<CustomHeader, 'name'>> = {
  kinds: { name: addShape.kinds.name },
  required: ['name'],
}

const collectionShape = {
  kinds: {},
  children: { add: addShape, remove: removeShape, clear: bareElement },
} satisfies AnyShape

/** `<httpProtocol>`. */
export const httpProtocolShape = {
  kinds: { allowKeepAlive: bool() },
  defaults: { allowKeepAlive: true },
  children: { customHeaders: collectionShape, redirectHeaders: collectionShape },
} satisfies AnyShape

/**
 * Names that cannot be configured: they frame the message, concern one connection, are written by the front, or belong
 * to the WebSocket handshake.
 */
const reservedNames =
  /^(?:connection|content-length|date|host|http2-settings|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|ms[-_]aspnetcore.*|sec-websocket-.*)$/i

/** What the section comes to. */
export interface HttpProtocolSettings {
  /** In the order in which they are sent. */
  readonly customHeaders: readonly CustomHeader[]
  /** Undefined: there are none. */
  readonly redirectHeaders?: readonly CustomHeader[]
  /** False: every connection ends with its response. Default: true. */
  readonly allowKeepAlive?: false
}

/**
 * Reads the `<httpProtocol>` elements, outermost file first: the fields of its two collections in file order.
 * `<remove>` and `<clear/>` undo what was configured before them, never a field of the application. Each name may be
 * added once to a collection, in any letter case. Undefined: nothing is configured.
 */
export function readHttpProtocol(
  elements: readonly XmlElement[],
  problems: Problems,
): HttpProtocolSettings | undefined {
  const custom = new Map<string, AddedHeader>()
  const redirect = new Map<string, AddedHeader>()
  let allowKeepAlive = true
  for (const element of elements) {
    const written = readShaped<{ readonly allowKeepAlive: boolean }>(element, httpProtocolShape, problems)
    allowKeepAlive = written.allowKeepAlive?.value ?? allowKeepAlive
    for (const collection of element.children) {
      if (collection.name === 'customHeaders') readCollection(collection, custom, problems)
      if (collection.name === 'redirectHeaders') readCollection(collection, redirect, problems)
    }
  }
  if (custom.size === 0 && redirect.size === 0 && allowKeepAlive) return undefined
  return {
    customHeaders: headersOf(custom),
    ...(redirect.size > 0 && { redirectHeaders: headersOf(redirect) }),
    ...(!allowKeepAlive && { allowKeepAlive: false }),
  }
}

function headersOf(added: ReadonlyMap<string, AddedHeader>): readonly CustomHeader[] {
  return [...added.values()].map(({ name, value }) => ({ name, value }))
}

function readCollection(collection: XmlElement, headers: Map<string, AddedHeader>, problems: Problems): void {
  readShaped(collection, collectionShape, problems)
  for (const child of collection.children) {
    if (child.name === 'clear') {
      readShaped(child, bareElement, problems)
      headers.clear()
    }
    // As in IIS, removing a name that was not added is no problem: many files have <remove name="X-Powered-By" />.
    if (child.name === 'remove') headers.delete(comparableName(readShaped(child, removeShape, problems).name?.value))
    if (child.name === 'add') add(child, headers, problems)
  }
}

function add(element: XmlElement, headers: Map<string, AddedHeader>, problems: Problems): void {
  const { name, value } = readShaped(element, addShape, problems)
  if (name === undefined || !isAllowedName(name, problems) || !isAllowedValue(value, problems)) return
  const existing = headers.get(comparableName(name.value))
  if (existing === undefined) {
    headers.set(comparableName(name.value), { name: name.value, value: trimmed(value?.value ?? ''), at: element.at })
    return
  }
  const [place, cure] =
    existing.at.file === element.at.file
      ? [
          `on line ${String(existing.at.line)}`,
          'Remove one of the two; several values of one field go into one, with commas.',
        ]
      : [
          `in ${existing.at.file}, line ${String(existing.at.line)},`,
          `Put <remove name="${shown(name.value)}" /> before it.`,
        ]
  problems.error(element.at, `The custom header "${shown(name.value)}" is added ${place} already.`, cure)
}

function isAllowedName({ value, at }: Written<string>, problems: Problems): boolean {
  if (!isFieldName(value)) {
    const text = `name="${shown(value)}" is no name of a header field.`
    problems.error(at, text, 'Write letters, digits and hyphens only, without blanks or a colon.')
    return false
  }
  if (!reservedNames.test(value)) return true
  problems.error(at, `The header "${shown(value)}" is written by the server alone.`, 'Remove it.')
  return false
}

function isAllowedValue(written: Written<string> | undefined, problems: Problems): boolean {
  if (written === undefined || isFieldValue(trimmed(written.value))) return true
  const text = `value="${shown(written.value)}" cannot stand in a header field.`
  problems.error(
    written.at,
    text,
    'Write it on one line, without control characters and without characters above U+00FF.',
  )
  return false
}

/** Removes blanks and tabs around a value, which are no part of it (RFC 9110 5.5), but no line breaks. */
function trimmed(value: string): string {
  return value.replaceAll(/^[ \t]+|[ \t]+$/g, '')
}

/** Two names are the same if they differ only in letter case. */
function comparableName(name = ''): string {
  return name.toLowerCase()
}
