import { Problems } from '../../../config/problems.ts'
import {
  type CollectionTable,
  collectionShape,
  type Entry,
  readCollection,
} from '../../../config/sections/collection.ts'
import { childrenNamed, readAttributes } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { isFieldName } from '../../../http/field-syntax.ts'
import { bool, matching, uint } from '../../../platform/schema.ts'

/** One entry of `<cors>`. */
export interface CorsOrigin {
  /** `*`, `https://host`, `https://host:port` or `https://*.domain`. */
  readonly origin: string
  readonly allowed: boolean
  readonly allowCredentials: boolean
  /** Seconds for which a browser may keep the answer to a preflight; below 0: the answer does not say. */
  readonly maxAge: number
  readonly allowAllRequestedHeaders: boolean
  readonly allowHeaders: readonly string[]
  readonly allowMethods: readonly string[]
  readonly exposeHeaders: readonly string[]
}

/** What `<cors enabled="true">` comes to. */
export interface CorsSettings {
  readonly origins: readonly CorsOrigin[]
  readonly failUnlistedOrigins: boolean
}

interface OriginAttributes {
  readonly origin: string
  readonly allowed: boolean
  readonly allowCredentials: boolean
  readonly maxAge: number
}

const token = matching('a name of letters, digits and hyphens', isFieldName, '[^\\s]+')

const header: CollectionTable<{ readonly header: string }> = {
  what: 'header',
  kinds: { header: token },
  required: ['header'],
  key: ['header'],
}
const allowedHeader: typeof header = {
  ...header,
  attributes: { kinds: { allowAllRequestedHeaders: bool() }, defaults: { allowAllRequestedHeaders: false } },
}
const method: CollectionTable<{ readonly method: string }> = {
  what: 'method',
  kinds: { method: token },
  required: ['method'],
  key: ['method'],
}

const origins: CollectionTable<OriginAttributes> = {
  what: 'origin',
  kinds: {
    origin: matching(
      '* or an origin without a path, such as https://example.org, https://example.org:8443 or https://*.example.org',
      (written) => /^(?:\*|null|[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?[^\s/*,?#]+)$/i.test(written),
      '[^\\s]+',
    ),
    allowed: bool(),
    allowCredentials: bool(),
    maxAge: uint({ min: -1, max: 2_147_483_647, unit: 'seconds' }),
  },
  required: ['origin'],
  key: ['origin'],
  defaults: { allowed: true, allowCredentials: false, maxAge: -1 },
  children: {
    allowHeaders: collectionShape(allowedHeader),
    allowMethods: collectionShape(method),
    exposeHeaders: collectionShape(header),
  },
  attributes: {
    kinds: { enabled: bool(), failUnlistedOrigins: bool() },
    defaults: { enabled: false, failUnlistedOrigins: false },
  },
}

/** `<cors>`. */
export const corsShape = collectionShape(origins)

/** Reads the `<cors>` elements, outermost file first. Undefined: it is not enabled. */
export function readCors(elements: readonly XmlElement[], problems: Problems): CorsSettings | undefined {
  const entries = readCollection(elements, origins, problems).map((entry) => readOrigin(entry, problems))
  let [enabled, failUnlistedOrigins] = [false, false]
  for (const element of elements) {
    // What is wrong has been reported with the collection.
    const written = readAttributes<{ readonly enabled: boolean; readonly failUnlistedOrigins: boolean }>(
      element,
      { enabled: bool(), failUnlistedOrigins: bool() },
      new Problems(),
    )
    enabled = written.enabled?.value ?? enabled
    failUnlistedOrigins = written.failUnlistedOrigins?.value ?? failUnlistedOrigins
  }
  return enabled ? { origins: entries, failUnlistedOrigins } : undefined
}

function readOrigin({ values, at, element }: Entry<OriginAttributes>, problems: Problems): CorsOrigin {
  const { origin = '', allowed = true, allowCredentials = false, maxAge = -1 } = values
  const children = element === undefined ? [] : [element]
  const named = (name: string): readonly XmlElement[] => childrenNamed(children, name)
  let allowAllRequestedHeaders = false
  for (const list of named('allowHeaders')) {
    const kinds = { allowAllRequestedHeaders: bool() }
    const written = readAttributes<{ readonly allowAllRequestedHeaders: boolean }>(list, kinds, new Problems())
    allowAllRequestedHeaders = written.allowAllRequestedHeaders?.value ?? allowAllRequestedHeaders
  }
  const namesNobody = origin === '*' && allowCredentials
  if (namesNobody && at.allowCredentials !== undefined) {
    const text =
      'allowCredentials="true" for the origin "*" would let every site act as its visitor, so browsers refuse it; it is ignored.'
    problems.warning(at.allowCredentials, text, 'Name the origins that may send credentials.')
  }
  return {
    origin,
    allowed,
    allowCredentials: allowCredentials && !namesNobody,
    maxAge,
    allowAllRequestedHeaders,
    allowHeaders: readCollection(named('allowHeaders'), allowedHeader, problems).map(
      ({ values: { header: name = '' } }) => name,
    ),
    allowMethods: readCollection(named('allowMethods'), method, problems).map(
      ({ values: { method: name = '' } }) => name,
    ),
    exposeHeaders: readCollection(named('exposeHeaders'), header, problems).map(
      ({ values: { header: name = '' } }) => name,
    ),
  }
}
