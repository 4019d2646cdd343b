import type { Place, Problem } from './problems.ts'

/**
 * What the rest of the daemon sees of the configuration: frozen data, every default filled in, every path absolute in
 * this system's spelling, every `%NAME%` of the daemon's environment expanded.
 */
export interface HostConfig {
  readonly sites: readonly SiteConfig[]
}

export interface SiteConfig {
  readonly name: string
  readonly id: number
  readonly bindings: readonly BindingConfig[]
  readonly applications: readonly ApplicationConfig[]
}

export interface BindingConfig {
  readonly protocol: 'http'
  /** undefined = every address, IPv4 and IPv6. */
  readonly address: string | undefined
  readonly port: number
  /** '' = any host name. */
  readonly hostName: string
}

export interface ApplicationConfig {
  /** Virtual path: `/` for the root application, else `/sub` without a trailing slash. */
  readonly path: string
  /** Absolute folder. */
  readonly physicalPath: string
}

/** The settings of one application, merged from its own web.config and those of its parents. */
export interface WebConfig {
  readonly process: ProcessConfig
  /** `<handlers>` in their order: the first one whose path and verb match a request decides. */
  readonly handlers: readonly HandlerConfig[]
  /** The settings that the caller's section readers returned, by the section's path; plain data. */
  readonly sections: Readonly<Record<string, unknown>>
  /** Every file that was read or would be read if it appeared, absolute. */
  readonly files: readonly string[]
  /** The places of the settings whose errors only a look at the disk can show, such as a missing program. */
  readonly places: CommandPlaces
  /** Warnings and notices; errors never come with a WebConfig. */
  readonly notices: readonly Problem[]
}

/** The place of each setting of the command; a setting that is not written has the place of its whole section. */
export interface CommandPlaces {
  readonly processPath: Place
  readonly arguments: Place
  readonly environmentVariables: Place
}

export interface HandlerConfig {
  readonly name: string
  /** IIS path pattern: `*`, `*.ext`, `api/*`, `exact/path`. */
  readonly path: string
  /** Upper-case verbs, or `*`. */
  readonly verbs: readonly string[]
  /**
   * Whether requests for this handler go to the application, because its module is AspNetCoreModule, AspNetCoreModuleV2
   * or httpPlatformHandler.
   */
  readonly ours: boolean
  readonly modules: string
}

/** `<aspNetCore>` or `<httpPlatform>`. Durations are milliseconds. */
export interface ProcessConfig {
  readonly kind: 'aspNetCore' | 'httpPlatform'
  /** As written, with %VAR% expanded; still in Windows spelling, which process/command translates. */
  readonly processPath: string
  /** One command-line string, as written, with %VAR% expanded; split by MSVCRT rules when the process is started. */
  readonly arguments: string
  /** The limit of each start attempt. */
  readonly startupTimeLimit: number
  /**
   * Attempts of one start, at least 1: 2 for aspNetCore (a constant of ANCM); for httpPlatform one more than
   * startupRetryCount.
   */
  readonly startAttempts: number
  readonly shutdownTimeLimit: number
  readonly rapidFailsPerMinute: number
  /** How long a request may wait for the next byte from the application; 0 = without limit. */
  readonly requestTimeout: number
  readonly stdoutLogEnabled: boolean
  /** Absolute prefix of the log file's name; ends with a separator where only a folder was written. */
  readonly stdoutLogFile: string
  readonly processesPerApplication: number
  readonly disableStartUpErrorPage: boolean
  readonly hostingModel: 'inprocess' | 'outofprocess'
  /** In file order; names unique without regard to case, values expanded. */
  readonly environmentVariables: readonly EnvironmentVariable[]
  readonly handlerSettings: HandlerSettings
}

export interface EnvironmentVariable {
  readonly name: string
  readonly value: string
}

/** The settings of `<handlerSettings>` that ancmd honours. */
export interface HandlerSettings {
  /** Absolute. */
  readonly debugFile: string | undefined
  /** Lower-case words of debugLevel. */
  readonly debugLevel: readonly string[]
  readonly enableOutOfProcessConsoleRedirection: boolean
  readonly forwardResponseConnectionHeader: boolean
  /** Milliseconds. */
  readonly shutdownDelay: number
  readonly disallowRotationOnConfigChange: boolean
}
