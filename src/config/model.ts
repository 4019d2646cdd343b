import type { AdminConfig, HstsConfig, LogFileConfig, PoolLimits, SiteLimits, WebLimits } from './host-settings.ts'
import type { ConfigElement } from './config-element.ts'
import type { Place, Problem } from './problems.ts'

/**
 * What the rest of the daemon sees of the configuration: frozen data without cycles, every default filled in, every
 * path absolute in this system's spelling, every `%NAME%` of the daemon's environment expanded. Parts of it are compared
 * with `sameSettings`, which takes no notice of the places in files.
 */
export interface HostConfig {
  readonly sites: readonly SiteConfig[]
  /** Addresses and networks (`10.0.0.0/8`) whose PROXY headers and X-Forwarded-* fields are believed. */
  readonly trustedProxies?: readonly string[]
  /** The host file, absolute; undefined with `run FOLDER`. */
  readonly file?: string
  readonly webLimits?: WebLimits
  readonly admin?: AdminConfig
}

export interface SiteConfig {
  readonly name: string
  readonly id: number
  /** False: the site is stopped, and its requests get 404. Undefined: true. */
  readonly serverAutoStart?: boolean
  readonly bindings: readonly BindingConfig[]
  readonly applications: readonly ApplicationConfig[]
  readonly limits?: SiteLimits
  /** Undefined: there is no access log. */
  readonly logFile?: LogFileConfig
  /** Undefined: it is not enabled. */
  readonly hsts?: HstsConfig
}

export interface BindingConfig {
  readonly protocol: 'http' | 'https'
  /** undefined = every address, IPv4 and IPv6. */
  readonly address: string | undefined
  readonly port: number
  /** '' = any host name; `*.example.org` = any name below it. */
  readonly hostName: string
  /** Whether every connection has to begin with a PROXY header, which is taken from trusted proxies only. */
  readonly proxyProtocol?: boolean
  /** Undefined for http. */
  readonly tls?: TlsConfig | undefined
  /** Where it is written in the host file; undefined if it comes from the command line. */
  readonly at?: Place
}

/** A certificate and its key. Every path is absolute. */
export interface CertificateFiles {
  /** A PEM file with the certificate and its chain, and perhaps the key, or a PFX file with all of them. */
  readonly certificate: string
  /** The PEM file of the private key; undefined if `certificate` contains it. */
  readonly key: string | undefined
  /** A file whose first line is the passphrase of the key or the PFX file. */
  readonly passphraseFile: string | undefined
}

/** How TLS is spoken with the clients of an https binding. Every path is absolute. */
export interface TlsConfig extends CertificateFiles {
  /**
   * Further certificates: one with another kind of key (RSA beside EC) is for clients that do not understand the first,
   * one for another name is for clients that ask for that name.
   */
  readonly alternatives?: readonly CertificateFiles[]
  /** Whether clients are asked for a certificate, and whether a request without one is refused (403.7). */
  readonly clientCertificates: 'ignore' | 'accept' | 'require'
  /** A PEM file with the authorities that a client's certificate must come from; undefined: any certificate passes. */
  readonly clientCa: string | undefined
  /** False: only HTTP/1.1 is negotiated (bit 4 of sslFlags). */
  readonly http2: boolean
  /** False: TLS 1.2 is the only version (bit 32 of sslFlags). */
  readonly tls13: boolean
}

export interface ApplicationConfig {
  /** Virtual path: `/` for the root application, else `/sub` without a trailing slash. */
  readonly path: string
  /** Absolute folder. */
  readonly physicalPath: string
  /** The pool that the application is in; undefined with `run FOLDER`, which has no pools. */
  readonly pool?: PoolConfig
  /** True: processes are started before the first request needs them. Undefined: false. */
  readonly preloadEnabled?: boolean
  /** What the host file says about this application below system.webServer; undefined: nothing. */
  readonly hostSections?: HostSections
}

/** The part of the host file that applies to an application: the outermost layer below its web.config files. */
export interface HostSections {
  /** The host file and the files that it includes, absolute. */
  readonly files: readonly string[]
  /** The `<system.webServer>` elements that apply, the least specific location first. */
  readonly webServers: readonly ConfigElement[]
  /** What it says about parts of the application alone; absent: nothing. */
  readonly parts?: readonly HostPart[]
  /** The sections that no web.config may contain. */
  readonly locked: readonly LockedSection[]
}

/** What the host file says about a part of an application, in one `<location>`. */
export interface HostPart {
  /** The segments of its path below the application, as they are written. */
  readonly path: readonly string[]
  readonly webServers: readonly ConfigElement[]
}

export interface LockedSection {
  /** The section's path below system.webServer, such as `handlers` or `security/access`. */
  readonly section: string
  /** The element of the host file that locks it. */
  readonly at: Place
}

/** An application pool. */
export interface PoolConfig {
  readonly name: string
  /** False: the pool is stopped, and requests for its applications get 503. */
  readonly autoStart: boolean
  /** AlwaysRunning: a process is started before the first request needs it, and again when it has crashed. */
  readonly startMode: 'OnDemand' | 'AlwaysRunning'
  /**
   * Variables for the applications' processes: they replace those of the daemon, and those of web.config replace them.
   */
  readonly environmentVariables: readonly EnvironmentVariable[]
  readonly limits?: PoolLimits
}

/** The settings of one application, merged from its own web.config and those of its parents. */
export interface WebConfig {
  readonly process: ProcessConfig
  /** `<handlers>` in their order: the first one whose path and verb match a request decides. */
  readonly handlers: readonly HandlerConfig[]
  /** The settings that the caller's section readers returned, by the section's path; plain data. */
  readonly sections: Readonly<Record<string, unknown>>
  /** The parts of the application that have settings of their own; absent: there are none. */
  readonly parts?: readonly PartSettings[]
  /** Every file that was read or would be read if it appeared, absolute. */
  readonly files: readonly string[]
  /** The places of the settings whose errors only a look at the disk can show, such as a missing program. */
  readonly places: CommandPlaces
  /** Warnings and notices; errors never come with a WebConfig. */
  readonly notices: readonly Problem[]
}

/** The settings of a part of an application: those of the application, and what `<location>` says for that part. */
export interface PartSettings {
  /** Virtual path as it is written, below that of the application: `/shop/reports`. */
  readonly path: string
  readonly handlers: readonly HandlerConfig[]
  readonly sections: Readonly<Record<string, unknown>>
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
  /** What has to be at the path in the application's folder for the handler to take a request; undefined: nothing. */
  readonly resourceType?: 'File' | 'Directory' | 'Either'
  /** What a handler serves that names IIS's modules for files; undefined: it names none. */
  readonly content?: StaticModules
}

/** Which of IIS's modules for files a handler names. */
export interface StaticModules {
  /** StaticFileModule: files themselves. */
  readonly files: boolean
  /** DefaultDocumentModule: the documents of folders. */
  readonly documents: boolean
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
  /** What is spoken with the application instead of HTTP/1.1: `h2c` is HTTP/2 in plain text. */
  readonly upstreamProtocol?: 'h2c' | undefined
  /**
   * How the application gets a user that is authenticated here. Undefined: by a startup hook, which an unmodified
   * ASP.NET Core app loads; `header`: it reads the header itself; `none`: it gets none.
   */
  readonly userForwarding?: 'header' | 'none' | undefined
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
