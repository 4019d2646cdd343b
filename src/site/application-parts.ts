import type { ApplicationConfig, WebConfig } from '../config/model.ts'
import type { Problem } from '../config/problems.ts'
import type { ApplicationSource } from '../config/web-config/application.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Log } from '../log/entry.ts'
import type { Clock } from '../platform/clock.ts'
import type { ProcessStatus } from '../process/process-status.ts'
import type { Faulted } from './faulted.ts'
import type { ModuleSteps } from './modules/module.ts'
import type { OnRefused, Presence } from './presence.ts'
import type { Serving } from './serving.ts'

export interface ApplicationParts {
  readonly config: ApplicationConfig
  /** IIS's application id, `/LM/W3SVC/<site>/ROOT[/sub]`. */
  readonly id: string
  /** Where its configuration comes from. */
  readonly source: ApplicationSource
  /** What the modules do under this configuration; undefined: under none, as the one there is cannot be used. */
  readonly stepsFor: (web: WebConfig | undefined) => readonly ModuleSteps[]
  readonly log: Log
  /** Resolves when what was said in the application's own debug file is there. */
  readonly closeLog: () => Promise<void>
  readonly clock: Clock
  /** A web.config that breaks while the application runs leaves it running on the old one, instead of answering 500.19. */
  readonly keepsOnBrokenConfig: boolean
  /** `predecessorsGone` resolves when no process of an earlier presence is left. */
  readonly openServing: (
    web: WebConfig,
    redispatch: (exchange: Exchange) => Promise<void> | undefined,
    predecessorsGone: () => Promise<unknown>,
  ) => Serving
  readonly onRefused: OnRefused
  readonly openFaulted: (problems: readonly Problem[]) => Faulted
}

export interface ApplicationStatus {
  readonly id: string
  readonly path: string
  readonly physicalPath: string
  readonly presence: Presence['name']
  readonly processes: readonly ProcessStatus[]
}
