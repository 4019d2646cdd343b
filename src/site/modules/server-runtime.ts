import type { SectionReader } from '../../config/sections/section-reader.ts'
import { type ElementShape, readShaped } from '../../config/xml/element.ts'
import { bool, string, uint } from '../../platform/schema.ts'
import type { GateAnswer, Module } from './module.ts'

/** Only where a limit is written. */
export interface ServerRuntimeSettings {
  readonly appConcurrentRequestLimit: number
}

interface ServerRuntimeAttributes extends ServerRuntimeSettings {
  readonly enabled: boolean
  readonly alternateHostName: string
  readonly authenticatedUserOverride: string
  readonly emitHttp100Contd: boolean
  readonly enableNagling: boolean
  readonly frequentHitThreshold: string
  readonly frequentHitTimePeriod: string
  readonly maxRequestEntityAllowed: string
  readonly uploadReadAheadSize: string
}

const shape: ElementShape<ServerRuntimeAttributes> = {
  kinds: {
    appConcurrentRequestLimit: uint({ min: 1, max: 4_294_967_295 }),
    enabled: bool(),
    // What IIS reads ahead and keeps in its cache; bodies are passed on as they come here.
    alternateHostName: string(),
    authenticatedUserOverride: string(),
    emitHttp100Contd: bool(),
    enableNagling: bool(),
    frequentHitThreshold: string(),
    frequentHitTimePeriod: string(),
    maxRequestEntityAllowed: string(),
    uploadReadAheadSize: string(),
  },
}

const section: SectionReader<ServerRuntimeSettings> = {
  section: 'serverRuntime',
  shape,
  read: (elements, { problems }) => {
    let limit: number | undefined
    for (const element of elements) {
      limit = readShaped(element, shape, problems).appConcurrentRequestLimit?.value ?? limit
    }
    return limit === undefined ? undefined : { appConcurrentRequestLimit: limit }
  },
  describe: ({ appConcurrentRequestLimit }) => [['requests at a time', String(appConcurrentRequestLimit)]],
}

/**
 * `<serverRuntime appConcurrentRequestLimit>`: how many requests the application has at a time, WebSockets included;
 * further ones get 503.2. There is no limit where none is written, because thousands of waiting requests cost little here.
 */
export const serverRuntime: Module<ServerRuntimeSettings> = {
  section,
  create: ({ appConcurrentRequestLimit: limit }) => {
    const tooMany: GateAnswer = {
      failure: { kind: 'too-many-requests' },
      setting: `appConcurrentRequestLimit="${String(limit)}"`,
    }
    // By their ids, because the end is told with the exchange itself, and the gate may see a view of it.
    const underWay = new Set<number>()
    return {
      gate: ({ id }) => {
        if (underWay.size >= limit) return tooMany
        underWay.add(id)
        return undefined
      },
      finish: ({ id }) => {
        underWay.delete(id)
      },
    }
  },
}
