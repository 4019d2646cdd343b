import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { type ElementShape, readShaped } from '../../../config/xml/element.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { bool, choice, nonEmpty, string } from '../../../platform/schema.ts'
import type { GateAnswer, Module } from '../module.ts'
import { createDestinations, isSameAddress } from './destination.ts'
import { type HttpRedirectSettings, redirectStatuses, type RedirectRule } from './http-redirect-settings.ts'

interface SectionAttributes {
  readonly enabled: boolean
  readonly destination: string
  readonly exactDestination: boolean
  readonly childOnly: boolean
  readonly httpResponseStatus: keyof typeof redirectStatuses
}

const rules: CollectionTable<RedirectRule> = {
  what: 'wildcard',
  kinds: { wildcard: nonEmpty('a path with wildcards'), destination: nonEmpty('an address') },
  required: ['wildcard', 'destination'],
  key: ['wildcard'],
}

const shape: ElementShape<SectionAttributes> = {
  kinds: {
    enabled: bool(),
    destination: string(),
    exactDestination: bool(),
    childOnly: bool(),
    httpResponseStatus: choice(['Permanent', 'Found', 'Temporary', 'PermRedirect']),
  },
  defaults: { enabled: false, exactDestination: false, childOnly: false, httpResponseStatus: 'Found' },
  children: collectionShape(rules).children ?? {},
}

const section: SectionReader<HttpRedirectSettings> = {
  section: 'httpRedirect',
  shape,
  read: (elements, { problems, partOf }) => {
    let written: Partial<SectionAttributes> = {}
    for (const element of elements) {
      const { enabled, destination, exactDestination, childOnly, httpResponseStatus } = readShaped(
        element,
        shape,
        problems,
      )
      written = {
        ...written,
        ...(enabled !== undefined && { enabled: enabled.value }),
        ...(destination !== undefined && { destination: destination.value.trim() }),
        ...(exactDestination !== undefined && { exactDestination: exactDestination.value }),
        ...(childOnly !== undefined && { childOnly: childOnly.value }),
        ...(httpResponseStatus !== undefined && { httpResponseStatus: httpResponseStatus.value }),
      }
      if (destination !== undefined && !isDestination(destination.value)) {
        const text = `destination="${destination.text}" cannot stand in a header field.`
        problems.error(destination.at, text, 'Write an address without control characters and blanks.')
      }
    }
    const entries = readCollection(elements.map(withoutAttributes), rules, problems)
    for (const { values, element } of entries) {
      if (element === undefined || isDestination(values.destination ?? '')) continue
      const text = `The destination of "${values.wildcard ?? ''}" cannot stand in a header field.`
      problems.error(element.at, text, 'Write an address without control characters and blanks.')
    }
    if (written.enabled !== true) return undefined
    const last = elements.at(-1)
    if ((written.destination ?? '') === '' && entries.length === 0) {
      const text = '<httpRedirect> is enabled without a destination, so it redirects nothing.'
      if (last !== undefined) problems.warning(last.at, text, 'Add destination="…".')
      return undefined
    }
    const part = elements.map((element) => partOf?.(element)).findLast((path) => path !== undefined)
    return {
      ...(part !== undefined && { part }),
      destination: written.destination ?? '',
      exactDestination: written.exactDestination ?? false,
      childOnly: written.childOnly ?? false,
      httpResponseStatus: written.httpResponseStatus ?? 'Found',
      rules: entries.map(({ values }) => ({
        wildcard: values.wildcard ?? '',
        destination: values.destination ?? '',
      })),
    }
  },
  describe: ({ destination, httpResponseStatus, rules: own }) => [
    ...own.map(({ wildcard, destination: to }) => ['redirect', `${wildcard} to ${to}`] as const),
    ...(destination === ''
      ? []
      : [['redirect', `to ${destination} (${String(redirectStatuses[httpResponseStatus][0])})`] as const]),
  ],
}

/**
 * `<httpRedirect>`: answers by a redirect, instead of the application. A request that would be led to itself, or from a
 * destination to what lies below it, goes to the application, so that no client goes in circles.
 */
export const httpRedirect: Module<HttpRedirectSettings> = {
  section,
  nativeName: 'HttpRedirectionModule',
  create: (settings, { path }) => {
    const find = createDestinations(settings, settings.part ?? path)
    const [status, reason] = redirectStatuses[settings.httpResponseStatus]
    return {
      gate: (exchange): GateAnswer | undefined => {
        const location = find(exchange.target)
        if (location === undefined || isSameAddress(location, exchange, settings)) return undefined
        return { answer: redirectTo(location, exchange, status, reason) }
      },
    }
  },
}

function redirectTo(location: string, { method }: Exchange, status: number, reason: string) {
  const headers = ['Location', location, 'Content-Type', 'text/plain; charset=utf-8']
  return { status, substatus: 0, reason, headers, body: method === 'HEAD' ? '' : `${location}\n`, close: false }
}

function isDestination(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text.trim())
}

/** The collection's own attributes have been read; what is left are its entries. */
function withoutAttributes<T extends { readonly attributes: unknown }>(element: T): T {
  return { ...element, attributes: new Map(), strayText: undefined }
}
