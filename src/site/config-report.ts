import type { WebConfig } from '../config/model.ts'
import { type Problem, problemLine } from '../config/problems.ts'
import type { Log } from '../log/entry.ts'
import * as events from '../log/events.ts'
import type { Presence } from './presence.ts'

/** Logs the problems of one application's configuration; each notice once, however often the configuration is loaded. */
export class ConfigReport {
  readonly #log: Log
  readonly #app: string
  readonly #physicalPath: string
  readonly #logged = new Set<string>()

  /**
   * @param app the application's id
   * @param physicalPath the application's folder, logged where there is no problem that names a file
   */
  constructor(log: Log, app: string, physicalPath: string) {
    this.#log = log
    this.#app = app
    this.#physicalPath = physicalPath
  }

  /** For a configuration that can be used. */
  notices(notices: readonly Problem[]): void {
    for (const notice of notices) {
      const line = problemLine(notice)
      if (!this.#logged.has(line)) events.configNotice(this.#log, { app: this.#app, ...notice })
      this.#logged.add(line)
    }
  }

  /** For a configuration that takes the place of another. `before`: the presence until now. */
  accepted(before: Presence['name'], { files }: WebConfig, reason: string): void {
    if (before === 'faulted') events.configAccepted(this.#log, { app: this.#app, file: files.at(-1) ?? '' })
    if (before === 'serving') events.applicationRecycled(this.#log, { app: this.#app, reason })
  }

  /** For a configuration that cannot be used; `kept` says whether the application goes on with the one before. */
  rejected(problems: readonly Problem[], kept: boolean): void {
    const file = problems[0]?.file ?? this.#physicalPath
    events.configRejected(this.#log, { app: this.#app, file, kept, problems: problems.map(problemLine) })
  }
}
