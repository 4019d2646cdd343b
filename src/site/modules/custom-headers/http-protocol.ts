import { type Place, type Problems, shown } from '../../../config/problems.ts'
import { applicationCure, lostByName, reportLostFeature } from '../../../config/sections/lost-features.ts'
import { checkChildren, childrenNamed, type Kinds, readAttributes, type Written } from '../../../config/xml/element.ts'
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

const addKinds: Kinds<CustomHeader> = { name: nonEmpty('the name of a header field'), value: string() }
const removeKinds: Kinds<Pick<CustomHeader, 'name'>> = { name: nonEmpty('the name of a header field') }

/** They frame the message, concern one connection, are written by the front, or belong to the WebSocket handshake. */
const oursAlone =
  /^(?:connection|content-length|date|host|http2-settings|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|ms[-_]aspnetcore.*|sec-websocket-.*)$/i

/**
 * `<httpProtocol>`, outermost file first: the fields of `<customHeaders>` in file order. `<remove>` and `<clear/>` undo what was
 * configured before them, never a field of the application; a name, in any letter case, may be added once. What else the
 * section says is told to be not honoured.
 */
export function readHttpProtocol(elements: readonly XmlElement[], problems: Problems): readonly CustomHeader[] {
  const headers = new Map<string, AddedHeader>()
  for (const element of elements) {
    checkChildren(element, ['customHeaders', 'redirectHeaders'], problems)
    reportRest(element, problems)
    for (const collection of childrenNamed([element], 'customHeaders')) readCollection(collection, headers, problems)
  }
  return [...headers.values()].map(({ name, value }) => ({ name, value }))
}

function readCollection(collection: XmlElement, headers: Map<string, AddedHeader>, problems: Problems): void {
  checkChildren(collection, ['add', 'remove', 'clear'], problems)
  readAttributes(collection, {}, problems)
  for (const child of collection.children) {
    checkChildren(child, [], problems)
    if (child.name === 'clear') {
      readAttributes(child, {}, problems)
      headers.clear()
    }
    // A name that is not there is removed without a word, as in IIS: <remove name="X-Powered-By" /> stands in many files.
    if (child.name === 'remove') headers.delete(key(readAttributes(child, removeKinds, problems, ['name']).name?.value))
    if (child.name === 'add') add(child, headers, problems)
  }
}

function add(element: XmlElement, headers: Map<string, AddedHeader>, problems: Problems): void {
  const { name, value } = readAttributes(element, addKinds, problems, ['name'])
  if (name === undefined || !isFitName(name, problems) || !isFitValue(value, problems)) return
  const twin = headers.get(key(name.value))
  if (twin === undefined) {
    headers.set(key(name.value), { name: name.value, value: trimmed(value?.value ?? ''), at: element.at })
    return
  }
  const [place, cure] =
    twin.at.file === element.at.file
      ? [
          `on line ${String(twin.at.line)}`,
          'Remove one of the two; several values of one field go into one, with commas.',
        ]
      : [`in ${twin.at.file}, line ${String(twin.at.line)},`, `Put <remove name="${shown(name.value)}" /> before it.`]
  problems.error(element.at, `The custom header "${shown(name.value)}" is added ${place} already.`, cure)
}

function isFitName({ value, at }: Written<string>, problems: Problems): boolean {
  if (!isFieldName(value)) {
    const text = `name="${shown(value)}" is no name of a header field.`
    problems.error(at, text, 'Write letters, digits and hyphens only, without blanks or a colon.')
    return false
  }
  if (!oursAlone.test(value)) return true
  problems.error(at, `The header "${shown(value)}" is written by the server alone.`, 'Remove it.')
  return false
}

function isFitValue(written: Written<string> | undefined, problems: Problems): boolean {
  if (written === undefined || isFieldValue(trimmed(written.value))) return true
  const text = `value="${shown(written.value)}" cannot stand in a header field.`
  problems.error(
    written.at,
    text,
    'Write it on one line, without control characters and without characters above U+00FF.',
  )
  return false
}

function reportRest(element: XmlElement, problems: Problems): void {
  const { allowKeepAlive } = readAttributes(element, { allowKeepAlive: bool() }, problems)
  if (allowKeepAlive?.value === false) {
    problems.notice(allowKeepAlive.at, '<httpProtocol allowKeepAlive="false"> is not honoured.', applicationCure)
  }
  const lost = lostByName(
    'headers of redirects',
    childrenNamed(childrenNamed([element], 'redirectHeaders'), 'add'),
    'name',
  )
  for (const loss of lost) reportLostFeature('<httpProtocol><redirectHeaders>', loss, problems)
}

/** Blanks and tabs around a value are no part of it (RFC 9110 5.5); a line break is no blank. */
function trimmed(value: string): string {
  return value.replaceAll(/^[ \t]+|[ \t]+$/g, '')
}

/** Names are compared in any letter case. */
function key(name = ''): string {
  return name.toLowerCase()
}
