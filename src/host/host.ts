import type { BindingConfig, HostConfig } from '../config/model.ts'
import type { ListenFailure } from '../listen/listen.ts'
import type { Result } from '../platform/result.ts'
import type { ApplicationStatus } from '../site/application-status.ts'
import type {
  ApplicationOperation,
  OperationFailure,
  OperationOptions,
  OperationReport,
} from '../site/operations/operation.ts'
import type { WantedOutput } from '../stdout/live/live-outputs.ts'
import type { OutputEntry } from '../stdout/live/output-record.ts'

/**
 * A set of sites and their applications, as a program that embeds ancmd sees it. It can be started once and stopped
 * once: `stopped → starting → running → stopping → stopped`.
 */
export interface Host {
  /**
   * Opens the applications, then the bindings. Resolves when every binding accepts connections, or with the first
   * binding that could not be opened. In the latter case, and when destroy() is called meanwhile, nothing is left open.
   * An application's first request starts its process.
   */
  start(): Promise<Result<void, HostStartFailure>>
  /**
   * Stops gracefully: no new connections, requests under way are answered, processes are shut down within their
   * shutdownTimeLimit. Resolves when nothing is left, also when destroy() is called meanwhile. Idempotent.
   */
  stop(): Promise<void>
  /** Closes every connection and kills every process at once. Idempotent. */
  destroy(): void
  /**
   * Puts another configuration into force while running, without disturbing what both have in common: open connections,
   * requests under way and processes of an application whose settings are the same. What is new is opened first: after a
   * failure everything is as it was. What is not needed any more ends in the background; its requests under way are
   * answered. Reloads are carried out one after the other. `reason` is logged.
   */
  reload(config: HostConfig, reason: string): Promise<Result<ReloadReport, ReloadFailure>>
  /** Starts a new process of every application beside the old one, which finishes its requests; `reason` is logged. */
  recycle(reason: string): void
  /**
   * Recycles, stops, starts one application, or takes it offline or online. Resolves when that has happened: the old
   * process has gone, the new one takes requests; or with the reason why it did not. `id` as in the status, such as
   * `/LM/W3SVC/1/ROOT`; letter case means nothing. Operations on one application are carried out one after the other.
   */
  operate(
    operation: ApplicationOperation,
    id: string,
    options?: OperationOptions,
  ): Promise<Result<OperationReport, OperationFailure>>
  /**
   * What applications have written to stdout and stderr, and with `follows` what they write from now on, in batches as
   * they are asked for; it ends when nothing more can come. Who reads too slowly gets a gap in place of what is missing.
   * Undefined: too many follow already. `gone` aborts when nobody reads any more.
   */
  followOutput(wanted: WantedOutput, gone: AbortSignal): AsyncIterable<readonly OutputEntry[]> | undefined
  /** Opens the files of the access logs anew, and those of the stdout logs that have been renamed. */
  reopenLogs(): void
  /** The listeners and their open connections; bindings that share a listener share its connections. */
  readonly listeners: readonly ListenerStatus[]
  /** A new snapshot each time it is read. */
  readonly status: HostStatus
}

/** Why the host could not start: the first binding that could not be opened. */
export interface HostStartFailure {
  readonly binding: BindingConfig
  readonly opening: ListenFailure
}

/** What a reload has changed. Applications by their ids, such as `/LM/W3SVC/1/ROOT`; bindings by their URLs. */
export interface ReloadReport {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Their settings are others, so that their processes are replaced. */
  readonly changed: readonly string[]
  readonly kept: readonly string[]
  readonly bindingsAdded: readonly string[]
  readonly bindingsRemoved: readonly string[]
}

/** Why a reload was refused; `not-running`: the host does not run, or is being stopped. */
export type ReloadFailure = ({ readonly why: 'binding' } & HostStartFailure) | { readonly why: 'not-running' }

/** A snapshot of the host; it holds no secrets. */
export interface HostStatus {
  readonly version: string
  readonly pid: number
  readonly state: 'stopped' | 'starting' | 'running' | 'stopping'
  /** Milliseconds since start() was called; 0 before. */
  readonly uptimeMs: number
  readonly engine: string
  readonly sites: readonly SiteStatus[]
}

/** One address and port that the host listens on. */
export interface ListenerStatus {
  /** `http://*:80`, `https://127.0.0.1:8443`, `http://[::1]:8080`; `*` stands for every address. */
  readonly binding: string
  /** Open connections, those in a TLS handshake included. */
  readonly connections: number
}

export interface SiteStatus {
  readonly name: string
  readonly id: number
  /** One for each open binding; each works when it is opened on this machine. */
  readonly urls: readonly string[]
  readonly applications: readonly ApplicationStatus[]
}

/** Receives what the applications write to their stdout and stderr. */
export interface AppOutput {
  readonly stdout: { write(chunk: Uint8Array): void }
  readonly stderr: { write(chunk: Uint8Array): void }
}
