import type { ApplicationConfig, WebConfig } from '../config/model.ts'
import type { Problem } from '../config/problems.ts'
import type { ApplicationSource } from '../config/web-config/application.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Log } from '../log/entry.ts'
import type { Clock } from '../platform/clock.ts'
import type { Result } from '../platform/result.ts'
import type { ApplicationHistory } from './application-status.ts'
import type { ChangeMonitor } from './changes/change-monitor.ts'
import type { ChangeQueue } from './changes/change-queue.ts'
import type { DrainingPresences } from './draining-presences.ts'
import type { Faulted } from './faulted.ts'
import type { ApplicationSteps } from './compose-parts.ts'
import type { OnRefused, Presence } from './presence.ts'
import type { FindElsewhere } from './routing/other-application.ts'
import type { Serving } from './serving.ts'

/** The inner objects of an Application, for the operations on it. */
export interface ApplicationParts {
  readonly dependencies: ApplicationDependencies
  readonly presence: Presence
  readonly draining: DrainingPresences
  readonly changes: ChangeQueue
  readonly monitor: ChangeMonitor | undefined
}

/** A configuration that can be used, or the problems because of which it cannot. */
export type LoadedConfig = Result<WebConfig, readonly Problem[]>

/** Everything that an Application takes from outside. */
export interface ApplicationDependencies {
  readonly config: ApplicationConfig
  /** IIS's application id, `/LM/W3SVC/<site>/ROOT[/sub]`. */
  readonly id: string
  /** Loads the application's configuration. */
  readonly source: ApplicationSource
  /** The steps of the modules under this configuration; undefined: the configuration cannot be used. */
  readonly stepsFor: (web: WebConfig | undefined) => ApplicationSteps
  readonly log: Log
  /** Counted up by the application and by what reports its processes. */
  readonly history: ApplicationHistory
  /** Resolves when the application's debugFile is written. */
  readonly closeLog: () => Promise<void>
  readonly clock: Clock
  /** True: an application whose web.config breaks while it runs goes on with the old one. False: it answers 500.19. */
  readonly keepsOnBrokenConfig: boolean
  /**
   * Makes a Serving. For an exchange that the Serving can no longer serve, it calls `redispatch`, which gives the
   * exchange to the current presence. `predecessorsGone` resolves when no process of an earlier presence is left.
   */
  readonly openServing: (
    web: WebConfig,
    redispatch: (exchange: Exchange) => Promise<void> | undefined,
    predecessorsGone: () => Promise<unknown>,
  ) => Serving
  /** Where an exchange goes whose path was rewritten; absent: there is no other application. */
  readonly elsewhere?: FindElsewhere
  readonly onRefused: OnRefused
  readonly openFaulted: (problems: readonly Problem[]) => Faulted
}
