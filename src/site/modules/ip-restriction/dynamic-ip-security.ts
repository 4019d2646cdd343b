import type { Problems } from '../../../config/problems.ts'
import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { type AnyShape, childrenNamed, type ElementShape, readShaped } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import type { Exchange } from '../../../http/exchange.ts'
import * as events from '../../../log/events.ts'
import { bool, uint } from '../../../platform/schema.ts'
import type { ApplicationFacts, GateAnswer, Module } from '../module.ts'
import { AddressActivity } from './address-activity.ts'
import { clientAddress, denial, type DenyAction, denyActions } from './denial.ts'

/** At least one of the limits is there. */
export interface DynamicIpSecuritySettings {
  readonly denyAction: DenyAction
  /** True: nobody is denied, and the log says who would be. */
  readonly enableLoggingOnlyMode?: true
  /** The most requests of one address at a time. */
  readonly maxConcurrentRequests?: number
  /** The most requests of one address within the interval. */
  readonly maxRequests?: number
  readonly requestIntervalInMilliseconds: number
}

const shape = {
  kinds: { denyAction: denyActions, enableProxyMode: bool(), enableLoggingOnlyMode: bool() },
  defaults: { denyAction: 'Forbidden' as const, enableProxyMode: false, enableLoggingOnlyMode: false },
  children: {
    denyByConcurrentRequests: {
      kinds: { enabled: bool(), maxConcurrentRequests: uint({ min: 1, max: 4_294_967_295 }) },
      defaults: { enabled: false, maxConcurrentRequests: 5 },
    },
    denyByRequestRate: {
      kinds: {
        enabled: bool(),
        maxRequests: uint({ min: 1, max: 4_294_967_295 }),
        requestIntervalInMilliseconds: uint({ min: 1, max: 4_294_967_295, unit: 'milliseconds' }),
      },
      defaults: { enabled: false, maxRequests: 20, requestIntervalInMilliseconds: 200 },
    },
  },
} satisfies AnyShape

const section: SectionReader<DynamicIpSecuritySettings> = {
  section: 'security/dynamicIpSecurity',
  shape,
  read: (elements, { problems }) => {
    const own = nearest<OwnAttributes>(elements, shape, problems)
    const atOnce = nearest<ConcurrencyAttributes>(
      childrenNamed(elements, 'denyByConcurrentRequests'),
      shape.children.denyByConcurrentRequests,
      problems,
    )
    const rate = nearest<RateAttributes>(
      childrenNamed(elements, 'denyByRequestRate'),
      shape.children.denyByRequestRate,
      problems,
    )
    if (atOnce.enabled !== true && rate.enabled !== true) return undefined
    return {
      denyAction: own.denyAction ?? 'Forbidden',
      ...(own.enableLoggingOnlyMode === true && { enableLoggingOnlyMode: true }),
      ...(atOnce.enabled === true && { maxConcurrentRequests: atOnce.maxConcurrentRequests ?? 5 }),
      ...(rate.enabled === true && { maxRequests: rate.maxRequests ?? 20 }),
      requestIntervalInMilliseconds: rate.requestIntervalInMilliseconds ?? 200,
    }
  },
  describe: (settings) => [
    ...(settings.maxConcurrentRequests === undefined
      ? []
      : [['requests of an address at a time', String(settings.maxConcurrentRequests)] as const]),
    ...(settings.maxRequests === undefined ? [] : [['requests of an address', rateText(settings)] as const]),
    ['who sends more gets', settings.enableLoggingOnlyMode === true ? 'a line in the log' : settings.denyAction],
  ],
}

/** `<security><dynamicIpSecurity>`: refuses clients that send too many requests at a time, or in too short a time. */
export const dynamicIpSecurity: Module<DynamicIpSecuritySettings> = {
  section,
  create: (settings, application) => {
    const { maxConcurrentRequests = Number.POSITIVE_INFINITY, maxRequests = Number.POSITIVE_INFINITY } = settings
    const { denyAction, requestIntervalInMilliseconds, enableLoggingOnlyMode } = settings
    const activity = new AddressActivity(requestIntervalInMilliseconds)
    const atOnce = denial('concurrency', denyAction, `maxConcurrentRequests="${String(maxConcurrentRequests)}"`)
    const tooOften = denial('rate', denyAction, `maxRequests="${String(maxRequests)}"`)
    // By the id of the exchange, because the end is told with the exchange itself, and the gate may see a view of it.
    const underWay = new Map<number, string>()
    const note = enableLoggingOnlyMode === true ? createNote(application) : undefined
    return {
      gate: (exchange): GateAnswer | undefined => {
        const address = clientAddress(exchange)
        const { concurrent, requests } = activity.begin(address, application.clock.now())
        underWay.set(exchange.id, address)
        const denied = concurrent > maxConcurrentRequests ? atOnce : requests > maxRequests ? tooOften : undefined
        if (denied === undefined || note === undefined) return denied
        note(exchange, denied)
        return undefined
      },
      finish: ({ id }) => {
        const address = underWay.get(id)
        if (address === undefined) return
        underWay.delete(id)
        activity.end(address)
      },
    }
  },
}

interface OwnAttributes {
  readonly denyAction: DenyAction
  readonly enableProxyMode: boolean
  readonly enableLoggingOnlyMode: boolean
}

interface ConcurrencyAttributes {
  readonly enabled: boolean
  readonly maxConcurrentRequests: number
}

interface RateAttributes {
  readonly enabled: boolean
  readonly maxRequests: number
  readonly requestIntervalInMilliseconds: number
}

/** The nearest value of each attribute. */
function nearest<T extends object>(
  elements: readonly XmlElement[],
  its: ElementShape<T>,
  problems: Problems,
): Partial<T> {
  const values: Partial<T> = {}
  for (const element of elements) {
    const written = readShaped<T>(element, its, problems)
    for (const name of Object.keys(written) as (keyof T)[]) {
      const value = written[name]?.value
      if (value !== undefined) values[name] = value
    }
  }
  return values
}

/** How long nothing more is said of clients that would be denied. */
const noteEveryMs = 10_000

function createNote({ id, log, clock }: ApplicationFacts): (exchange: Exchange, denied: GateAnswer) => void {
  let next = Number.NEGATIVE_INFINITY
  return (exchange, denied) => {
    const now = clock.now()
    if (now < next || !('setting' in denied)) return
    next = now + noteEveryMs
    events.clientWouldBeDenied(log, { app: id, remoteAddress: clientAddress(exchange), setting: denied.setting })
  }
}

function rateText({ maxRequests = 0, requestIntervalInMilliseconds }: DynamicIpSecuritySettings): string {
  return `${String(maxRequests)} in ${String(requestIntervalInMilliseconds)} ms`
}
