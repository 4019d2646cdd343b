import type { PeriodicRestart, PoolLimits } from '../host-settings.ts'
import type { PoolConfig } from '../model.ts'
import { type Place, shown } from '../problems.ts'
import { bareElement, childrenNamed, type Values } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import { defaultPool } from './applications.ts'
import { type HostFileContext, placeText, readElement } from './elements.ts'
import { type PoolAttributes, poolParts, poolsRules, scheduleRules, timeOfDayRules } from './pool-attributes.ts'
import { type PoolVariables, readPoolVariables } from './pool-variables.ts'

/** What `<add>` or `<applicationPoolDefaults>` contains. */
interface WrittenPool {
  readonly values: Values<PoolAttributes>
  readonly schedule: readonly number[]
  readonly variables: PoolVariables
}

/**
 * Reads the `<applicationPools>` elements: the pools by their names in lower case. DefaultAppPool is always among them,
 * since it is the pool of every application that names none.
 */
export function readPools(elements: readonly XmlElement[], context: HostFileContext): ReadonlyMap<string, PoolConfig> {
  const { problems } = context
  for (const element of elements) readElement(element, poolsRules, context)
  const defaults = childrenNamed(elements, 'applicationPoolDefaults').reduce(
    (outer, element) => readPool(element, outer, context),
    nothing,
  )
  const pools = new Map<string, PoolConfig>()
  const places = new Map<string, Place>()
  for (const element of childrenNamed(elements, 'add')) {
    const pool = readPool(element, defaults, context)
    const { name } = pool.values
    if (!element.attributes.has('name')) problems.error(element.at, '<add> has no name.', 'Add name="…".')
    if (name === undefined || !isPoolName(name.value, name.at, context)) continue
    const key = name.value.toLowerCase()
    const before = places.get(key)
    if (before === undefined) {
      places.set(key, element.at)
      pools.set(key, poolOf(name.value, pool))
      continue
    }
    const text = `The application pool "${shown(name.value)}" is defined ${placeText(before, element.at)} already.`
    problems.error(element.at, text, 'Remove one of the two, or give it another name.')
  }
  const key = defaultPool.toLowerCase()
  if (!pools.has(key)) pools.set(key, poolOf(defaultPool, defaults))
  return pools
}

const nothing: WrittenPool = { values: {}, schedule: [], variables: [] }

function readPool(element: XmlElement, outer: WrittenPool, context: HostFileContext): WrittenPool {
  const values: Values<PoolAttributes> = Object.assign(
    {},
    outer.values,
    ...poolParts.flatMap(({ path, rules }) =>
      path.reduce(childrenNamed, [element]).map((part) => readElement(part, rules, context)),
    ),
  )
  reportPartsOfMinutes(values, context)
  const schedules = ['recycling', 'periodicRestart', 'schedule'].reduce(childrenNamed, [element])
  const variables = childrenNamed([element], 'environmentVariables')
  return {
    values,
    schedule: schedules.reduce((times, schedule) => readSchedule(schedule, times, context), outer.schedule),
    variables: variables.reduce((found, list) => readPoolVariables(list, found, context), outer.variables),
  }
}

function poolOf(name: string, { values, schedule, variables }: WrittenPool): PoolConfig {
  return {
    name,
    autoStart: values.autoStart?.value ?? true,
    startMode: values.startMode?.value ?? 'OnDemand',
    environmentVariables: variables,
    limits: limitsOf(values, schedule),
  }
}

function limitsOf(values: Values<PoolAttributes>, schedule: readonly number[]): PoolLimits {
  const { time, requests, memory, privateMemory, limit, action, resetInterval } = values
  const restart: PeriodicRestart = {
    ...(time !== undefined && { timeMs: time.value }),
    ...(requests !== undefined && { requests: requests.value }),
    ...(memory !== undefined && { memoryBytes: memory.value * 1024 }),
    ...(privateMemory !== undefined && { privateMemoryBytes: privateMemory.value * 1024 }),
    schedule,
  }
  const cpu = {
    limit: limit?.value ?? 0,
    action: action?.value ?? 'NoAction',
    resetIntervalMs: resetInterval?.value ?? 300_000,
  } as const
  const written = {
    queueLength: values.queueLength?.value,
    idleTimeoutMs: values.idleTimeout?.value,
    idleTimeoutAction: values.idleTimeoutAction?.value,
    maxProcesses: values.maxProcesses?.value,
    disallowOverlappingRotation: values.disallowOverlappingRotation?.value,
    disallowRotationOnConfigChange: values.disallowRotationOnConfigChange?.value,
    periodicRestart: Object.keys(restart).length > 1 || schedule.length > 0 ? restart : undefined,
    rapidFailProtection: values.rapidFailProtection?.value,
    rapidFailProtectionIntervalMs: values.rapidFailProtectionInterval?.value,
    rapidFailProtectionMaxCrashes: values.rapidFailProtectionMaxCrashes?.value,
    cpu: limit === undefined && action === undefined && resetInterval === undefined ? undefined : cpu,
  }
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined))
}

function isPoolName(name: string, at: Place, { problems }: HostFileContext): boolean {
  const bad = /[|<>&"/[\]+=;:,?*@\p{Cc}]/u.exec(name)
  if (bad === null && name.length <= 64) return true
  const text = `The name "${shown(name)}" of the application pool ${bad === null ? 'is too long' : `holds ${shown(bad[0])}`}.`
  problems.error(at, text, 'Write at most 64 characters, without |<>&"/[]+=;:,?*@ among them.')
  return false
}

/** IIS measures these in minutes. */
function reportPartsOfMinutes(values: Values<PoolAttributes>, { problems }: HostFileContext): void {
  for (const name of ['idleTimeout', 'time', 'rapidFailProtectionInterval', 'resetInterval'] as const) {
    const written = values[name]
    if (written === undefined || written.value % 60_000 === 0) continue
    problems.error(written.at, `${name}="${shown(written.text)}" is no whole number of minutes.`, 'Write hh:mm:00.')
  }
}

/** Reads a `<schedule>` of `<add value="hh:mm:ss">`: milliseconds after midnight. */
function readSchedule(element: XmlElement, outer: readonly number[], context: HostFileContext): readonly number[] {
  const { problems } = context
  readElement(element, scheduleRules, context)
  let times = outer
  for (const child of element.children) {
    if (child.name === 'clear') {
      readElement(child, bareElement, context)
      times = []
    }
    if (child.name !== 'add' && child.name !== 'remove') continue
    const { value } = readElement(child, timeOfDayRules, context)
    if (value === undefined) continue
    const time = /^([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?$/.exec(value.value)
    if (time === null) {
      const text = `value="${shown(value.text)}" is no time of day.`
      problems.error(value.at, text, 'Write hh:mm:00, from 00:00:00 to 23:59:00.')
      continue
    }
    const ms = (Number(time[1]) * 60 + Number(time[2])) * 60_000
    const others = times.filter((other) => other !== ms)
    times = child.name === 'add' ? [...others, ms].toSorted((a, b) => a - b) : others
    if (child.name === 'add') context.unused.add('later', '<schedule>', child.at)
  }
  return times
}
