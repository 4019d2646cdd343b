import { type Problems, shown } from '../../../config/problems.ts'
import { type Entry, readCollection } from '../../../config/sections/collection.ts'
import { childrenNamed, readShaped, type Values, type Written } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { isForwarded } from '../../../forward/request-headers.ts'
import { isFieldName } from '../../../http/field-syntax.ts'
import { checkPattern, checkTemplate, readConditions, type RuleContext } from './read-parts.ts'
import type { ActionSettings, PatternSettings, RuleSettings, ServerVariable } from './settings.ts'
import {
  actionShape,
  matchShape,
  ruleTable,
  serverVariableTable,
  type WrittenAction,
  type WrittenRule,
} from './tables.ts'
import { fieldOf } from './variables.ts'

const redirectStatus = { Permanent: 301, Found: 302, SeeOther: 303, Temporary: 307 } as const

/** The fields that a request is framed by, that the server alone writes, or that a handshake consists of. */
const reservedFields =
  /^(?:connection|content-length|date|expect|host|http2-settings|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|x-original-url|ms-aspnetcore.*|sec-websocket-.*)$/

/**
 * Reads `<rules>` or `<globalRules>`: the rules of outer files first, the disabled ones left out.
 *
 * @param allowed the server variables that rules may set, in capitals
 */
export function readRules(
  lists: readonly XmlElement[],
  isGlobal: boolean,
  allowed: ReadonlySet<string>,
  context: RuleContext,
): readonly RuleSettings[] {
  return readCollection(lists, ruleTable, context.problems).flatMap((entry) => {
    const rule = ruleOf(entry, isGlobal, allowed, context)
    return rule === undefined || entry.values.enabled === false ? [] : [rule]
  })
}

function ruleOf(
  { values, element }: Entry<WrittenRule>,
  isGlobal: boolean,
  allowed: ReadonlySet<string>,
  context: RuleContext,
): RuleSettings | undefined {
  const { name, patternSyntax = 'ECMAScript', stopProcessing = false } = values
  if (name === undefined || element === undefined) return undefined
  const { problems } = context
  const [match] = childrenNamed([element], 'match')
  // As in IIS, a rule without <match> is for every address.
  const { url, ignoreCase, negate } = match === undefined ? {} : readShaped(match, matchShape, problems)
  const pattern: PatternSettings = {
    syntax: url === undefined ? 'ECMAScript' : patternSyntax,
    text: url?.value ?? '',
    ignoreCase: ignoreCase?.value ?? true,
    negate: negate?.value ?? false,
  }
  if (url !== undefined) checkPattern(pattern, url.at, problems)
  const part = context.partOf?.(element)
  return {
    name,
    isGlobal,
    ...(part !== undefined && { part }),
    url: pattern,
    conditions: readConditions(element, patternSyntax, context),
    serverVariables: readServerVariables(element, allowed, context),
    action: readAction(element, context),
    stopProcessing,
  }
}

function readServerVariables(
  rule: XmlElement,
  allowed: ReadonlySet<string>,
  context: RuleContext,
): readonly ServerVariable[] {
  const { problems } = context
  const list = readCollection(childrenNamed([rule], 'serverVariables'), serverVariableTable, problems)
  return list.flatMap(({ values, at, element }): readonly ServerVariable[] => {
    const { name, value, replace = true } = values
    if (name === undefined || value === undefined || element === undefined) return []
    const place = at.name ?? element.at
    const why = whyNotSet(name, allowed)
    if (why !== undefined) {
      const text = `A rule cannot set the server variable "${shown(name)}": ${why.reason}. Requests that it matches get 500.50.`
      problems.warning(place, text, why.cure)
    } else if (isForwarded(fieldOf(name))) {
      const text = `What a rule sets in ${shown(name)} reaches the application only in requests of a trusted proxy. In all others X-Forwarded-For and X-Forwarded-Proto tell of the connection, and there are no other such fields.`
      problems.warning(place, text, 'Remove it, or use a field of another name.')
    }
    checkTemplate(value, at.value ?? element.at, context)
    return [{ name: name.toUpperCase(), value, replace, ...(why !== undefined && { isRefused: true }) }]
  })
}

/** Why a rule may not set this variable; undefined: it may. */
function whyNotSet(
  name: string,
  allowed: ReadonlySet<string>,
): { readonly reason: string; readonly cure: string } | undefined {
  const field = fieldOf(name)
  if (!/^HTTP_/i.test(name) || !isFieldName(field)) {
    return { reason: 'it is no field of the request', cure: 'Write HTTP_ and the name of the field.' }
  }
  if (reservedFields.test(field)) return { reason: 'only the server writes that field', cure: 'Remove it.' }
  if (allowed.has(name.toUpperCase())) return undefined
  return {
    reason: 'it is not among those that rules may set',
    cure: `Add <allowedServerVariables><add name="${shown(name)}" /></allowedServerVariables> to <rewrite>.`,
  }
}

function readAction(rule: XmlElement, context: RuleContext): ActionSettings {
  const { problems } = context
  const [element] = childrenNamed([rule], 'action')
  // As in IIS, a rule may do nothing; it can still stop the rules behind it.
  if (element === undefined) return { type: 'None' }
  const written = readShaped(element, actionShape, problems)
  const { type, url, appendQueryString, redirectType } = written
  if (written.logRewrittenUrl?.value === true)
    problems.notice(
      written.logRewrittenUrl.at,
      'logRewrittenUrl is not honoured: the access log has the address that was asked for.',
    )
  switch (type?.value) {
    case 'Rewrite':
    case 'Redirect': {
      const isRewrite = type.value === 'Rewrite'
      if (url === undefined) {
        problems.error(element.at, `<action type="${type.value}"> has no url.`, 'Add url="…".')
        return { type: 'None' }
      }
      checkTemplate(url.value, url.at, context)
      if (isRewrite && /^[a-z][a-z0-9+.-]*:\/\//i.test(url.value)) reportProxy(url, problems)
      const common = { url: url.value, appendQueryString: appendQueryString?.value ?? true }
      return isRewrite
        ? { type: 'Rewrite', ...common }
        : { type: 'Redirect', ...common, status: redirectStatus[redirectType?.value ?? 'Permanent'] }
    }
    case 'CustomResponse':
      return readCustomResponse(element, written, problems)
    case 'AbortRequest':
      return { type: 'AbortRequest' }
    case 'None':
    case undefined:
      return { type: 'None' }
  }
}

function readCustomResponse(element: XmlElement, written: Values<WrittenAction>, problems: Problems): ActionSettings {
  const { statusCode, subStatusCode, statusReason, statusDescription } = written
  if (statusCode === undefined) {
    problems.error(element.at, '<action type="CustomResponse"> has no statusCode.', 'Add statusCode="…".')
    return { type: 'None' }
  }
  const status = statusCode.value
  if (status < 200 || (status >= 300 && status <= 307)) {
    problems.error(
      statusCode.at,
      `statusCode="${String(status)}" cannot be a custom response.`,
      'Write 200 to 299 or 308 to 999; for a redirect write type="Redirect".',
    )
  }
  return {
    type: 'CustomResponse',
    status,
    substatus: subStatusCode?.value ?? 0,
    reason: (statusReason?.value ?? '').replaceAll(/[^\t\x20-\x7e]/g, ' '),
    description: statusDescription?.value ?? '',
  }
}

function reportProxy(url: Written<string>, problems: Problems): void {
  const text = `"${shown(url.value)}" is the address of another server, and only Application Request Routing forwards there.`
  problems.error(
    url.at,
    text,
    'Write type="Redirect", or let the application forward (YARP), or a reverse proxy before ancmd.',
  )
}
