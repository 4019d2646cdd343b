/**
 * Settings of the host file besides sites, bindings and applications. Times are in milliseconds. What nobody wrote is
 * absent, and whoever acts on it has a default of its own.
 */

/** `<webLimits>`: limits of every connection. */
export interface WebLimits {
  /** How long a client may take for the head of a request; 0 = without limit. */
  readonly headerWaitTimeoutMs?: number
  /** The rate below which a client is too slow; 0 = no rate is too slow. */
  readonly minBytesPerSecond?: number
  /** The most open connections of one client address that is no trusted proxy; 0 = without limit. Ours, not IIS's. */
  readonly maxConnectionsPerAddress?: number
  /** The most bytes of request line and header fields together. Ours; HTTP.sys has it in the registry. */
  readonly maxRequestBytes?: number
}

/** `<ancmd><admin>`: where the status page and the metrics are served. */
export interface AdminConfig {
  readonly address: string
  readonly port: number
  /** Absolute: a file whose first line is the token that clients have to send. */
  readonly tokenFile: string | undefined
}

/** `<site><limits>`. */
export interface SiteLimits {
  /** How long a connection may be idle. */
  readonly connectionTimeoutMs?: number
  readonly maxConnections?: number
  /** The most segments that the path of a request may have. */
  readonly maxUrlSegments?: number
}

/** `<site><logFile enabled="true">`. */
export interface LogFileConfig {
  readonly logFormat: 'W3C' | 'NCSA' | 'JSON'
  /** Absolute: the folder in which each site has a folder for its log files. Undefined: not written. */
  readonly directory: string | undefined
  /** When a new file is begun; MaxSize: when the file has `truncateSize` bytes. */
  readonly period: 'Hourly' | 'Daily' | 'Weekly' | 'Monthly' | 'MaxSize'
  readonly truncateSize: number
  /** Whether days and hours begin by local time; false: by UTC. */
  readonly localTimeRollover: boolean
}

/** `<site><hsts enabled="true">`. */
export interface HstsConfig {
  /** Seconds. */
  readonly maxAge: number
  readonly includeSubDomains: boolean
  readonly preload: boolean
  /** Whether requests on http are redirected to https. */
  readonly redirectHttpToHttps: boolean
}

/** The settings of an application pool on which nothing acts yet. */
export interface PoolLimits {
  /** The most requests that may wait; further ones get 503. */
  readonly queueLength?: number
  /** How long an application may be unused before it is stopped; 0 = for ever. */
  readonly idleTimeoutMs?: number
  readonly idleTimeoutAction?: 'Terminate' | 'Suspend'
  /** Multiplies processesPerApplication; 0 stands for one for each NUMA node. */
  readonly maxProcesses?: number
  /** Whether the old process ends before the new one starts. */
  readonly disallowOverlappingRotation?: boolean
  readonly disallowRotationOnConfigChange?: boolean
  readonly periodicRestart?: PeriodicRestart
  readonly rapidFailProtection?: boolean
  readonly rapidFailProtectionIntervalMs?: number
  readonly rapidFailProtectionMaxCrashes?: number
  readonly cpu?: CpuLimit
}

/** `<periodicRestart>`: when a process is replaced; 0 = not for this reason. */
export interface PeriodicRestart {
  readonly timeMs?: number
  readonly requests?: number
  readonly memoryBytes?: number
  readonly privateMemoryBytes?: number
  /** Times of day, in milliseconds after midnight, each once, in order. */
  readonly schedule: readonly number[]
}

/** `<cpu>`: how much processor time a pool may take. */
export interface CpuLimit {
  /** Thousandths of a per cent of all processors' time; 0 = without limit. */
  readonly limit: number
  readonly action: 'NoAction' | 'KillW3wp' | 'Throttle' | 'ThrottleUnderLoad'
  /** The interval over which the time is measured; 0 = it is not measured. */
  readonly resetIntervalMs: number
}
