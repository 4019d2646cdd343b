import type { ProcessStatus } from '../../process/process-status.ts'
import type { Application } from '../../site/application.ts'

/**
 * Applications that are hosted no more, or stopped, until their last process has ended. Owned by the HostedSites; ids
 * are compared without regard to letter case.
 */
export class LeavingApplications {
  readonly #leaving = new Map<Application, { readonly key: string; readonly gone: Promise<void> }>()

  /** Lets the application drain and end. It must get no new exchange. */
  add(id: string, application: Application): void {
    const gone = application.close('removal').finally(() => this.#leaving.delete(application))
    this.#leaving.set(application, { key: id.toLowerCase(), gone })
  }

  /** The processes of the applications with this id that have not ended yet. */
  processesOf(id: string): readonly ProcessStatus[] {
    return this.#of(id).flatMap(([application]) => application.status.processes)
  }

  /** Resolves when all applications with this id have ended that are leaving now. */
  async gone(id: string): Promise<void> {
    await Promise.all(this.#of(id).map(([, { gone }]) => gone))
  }

  /** Resolves when all have ended that are leaving now. */
  async allGone(): Promise<void> {
    await Promise.all(Array.from(this.#leaving.values(), ({ gone }) => gone))
  }

  destroy(): void {
    for (const application of this.#leaving.keys()) application.destroy()
  }

  #of(id: string): (readonly [Application, { readonly gone: Promise<void> }])[] {
    return [...this.#leaving].filter(([, { key }]) => key === id.toLowerCase())
  }
}
