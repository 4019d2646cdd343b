import { bool, choice, nonEmpty, string, timeSpan, uint } from '../../platform/schema.ts'
import { bareElement, type Kinds, type NoAttributes } from '../xml/element.ts'
import type { ElementRules } from './elements.ts'
import { poolVariablesRules } from './pool-variables.ts'

/** The attributes of a pool and of the elements in it, whose names are all different. Times are in milliseconds. */
export interface PoolAttributes {
  readonly name: string
  readonly queueLength: number
  readonly autoStart: boolean
  readonly startMode: 'OnDemand' | 'AlwaysRunning'
  readonly idleTimeout: number
  readonly idleTimeoutAction: 'Terminate' | 'Suspend'
  readonly maxProcesses: number
  readonly disallowOverlappingRotation: boolean
  readonly disallowRotationOnConfigChange: boolean
  readonly time: number
  readonly requests: number
  readonly memory: number
  readonly privateMemory: number
  readonly rapidFailProtection: boolean
  readonly rapidFailProtectionInterval: number
  readonly rapidFailProtectionMaxCrashes: number
  readonly limit: number
  readonly action: 'NoAction' | 'KillW3wp' | 'Throttle' | 'ThrottleUnderLoad'
  readonly resetInterval: number
}

const maxUint = 4_294_967_295
const days30 = 2_592_000

const kinds: Kinds<PoolAttributes> = {
  name: nonEmpty('the name of the pool'),
  queueLength: uint({ min: 10, max: 65_535 }),
  autoStart: bool(),
  startMode: choice(['OnDemand', 'AlwaysRunning']),
  idleTimeout: timeSpan({ min: 0, max: days30 }),
  idleTimeoutAction: choice(['Terminate', 'Suspend']),
  maxProcesses: uint({ min: 0, max: 2_147_483_647 }),
  disallowOverlappingRotation: bool(),
  disallowRotationOnConfigChange: bool(),
  time: timeSpan({ min: 0, max: days30 }),
  requests: uint({ min: 0, max: maxUint }),
  memory: uint({ min: 0, max: maxUint, unit: 'KB' }),
  privateMemory: uint({ min: 0, max: maxUint, unit: 'KB' }),
  rapidFailProtection: bool(),
  rapidFailProtectionInterval: timeSpan({ min: 60, max: days30 }),
  rapidFailProtectionMaxCrashes: uint({ min: 1, max: 2_147_483_647 }),
  limit: uint({ min: 0, max: 100_000, unit: 'thousandths of a per cent' }),
  action: choice(['NoAction', 'KillW3wp', 'Throttle', 'ThrottleUnderLoad']),
  resetInterval: timeSpan({ min: 0, max: 86_400 }),
}

/** One of the elements that a pool's settings stand in. */
export interface PoolPart {
  /** The names of the elements from the pool down to this one. */
  readonly path: readonly string[]
  readonly rules: ElementRules<PoolAttributes>
}

function rules(
  names: readonly (keyof PoolAttributes)[],
  others: Omit<ElementRules<PoolAttributes>, 'kinds'>,
): ElementRules<PoolAttributes> {
  const own = Object.fromEntries(names.map((name) => [name, kinds[name]])) as unknown as Kinds<PoolAttributes>
  return { kinds: own, ...others }
}

/** A time of day of `<schedule>`. */
export const timeOfDayRules: ElementRules<{ value: string }> = { kinds: { value: string() }, required: ['value'] }

export const scheduleRules: ElementRules<NoAttributes> = {
  kinds: {},
  children: { add: timeOfDayRules, remove: timeOfDayRules, clear: bareElement },
}

const processModel = rules(['idleTimeout', 'idleTimeoutAction', 'maxProcesses'], {
  later: { idleTimeout: 0, idleTimeoutAction: 'Terminate', maxProcesses: 1 },
  meaningless: [
    'identityType',
    'userName',
    'password',
    'loadUserProfile',
    'setProfileEnvironment',
    'logonType',
    'manualGroupMembership',
    'pingingEnabled',
    'pingInterval',
    'pingResponseTime',
    'shutdownTimeLimit',
    'startupTimeLimit',
    'logEventOnProcessModel',
    'requestQueueDelegatorIdentity',
  ],
})

const periodicRestart = rules(['time', 'requests', 'memory', 'privateMemory'], {
  later: { time: 0, requests: 0, memory: 0, privateMemory: 0 },
  children: { schedule: scheduleRules },
})

const recycling = rules(['disallowOverlappingRotation', 'disallowRotationOnConfigChange'], {
  later: { disallowOverlappingRotation: false, disallowRotationOnConfigChange: false },
  meaningless: ['logEventOnRecycle'],
  children: { periodicRestart },
})

const failure = rules(['rapidFailProtection', 'rapidFailProtectionInterval', 'rapidFailProtectionMaxCrashes'], {
  later: {
    rapidFailProtection: undefined,
    rapidFailProtectionInterval: undefined,
    rapidFailProtectionMaxCrashes: undefined,
  },
  meaningless: [
    'loadBalancerCapabilities',
    'orphanWorkerProcess',
    'orphanActionExe',
    'orphanActionParams',
    'autoShutdownExe',
    'autoShutdownParams',
  ],
})

const cpu = rules(['limit', 'action', 'resetInterval'], {
  later: { limit: 0, action: 'NoAction', resetInterval: undefined },
  meaningless: [
    'smpAffinitized',
    'smpProcessorAffinityMask',
    'smpProcessorAffinityMask2',
    'processorGroup',
    'numaNodeAssignment',
    'numaNodeAffinityMode',
  ],
})

const pool = rules(['name', 'queueLength', 'autoStart', 'startMode'], {
  later: { queueLength: undefined },
  meaningless: [
    'enable32BitAppOnWin64',
    'enableEmulationOnWinArm64',
    'managedRuntimeVersion',
    'managedRuntimeLoader',
    'managedPipelineMode',
    'enableConfigurationOverride',
    'CLRConfigFile',
    'passAnonymousToken',
  ],
  children: { processModel, recycling, failure, cpu, environmentVariables: poolVariablesRules },
})

export const poolParts: readonly PoolPart[] = [
  { path: [], rules: pool },
  { path: ['processModel'], rules: processModel },
  { path: ['recycling'], rules: recycling },
  { path: ['recycling', 'periodicRestart'], rules: periodicRestart },
  { path: ['failure'], rules: failure },
  { path: ['cpu'], rules: cpu },
]

/** `<applicationPools>`. */
export const poolsRules: ElementRules<NoAttributes> = {
  kinds: {},
  children: { add: { ...pool, required: ['name'] }, applicationPoolDefaults: pool },
}
