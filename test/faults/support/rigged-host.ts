import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { atTheEnd } from '../../support/ending.ts'

/** What a Host's process holds, and what it has logged. */
export interface Measure {
  readonly descriptors: number
  readonly resources: readonly string[]
  readonly listeners: readonly string[]
  /** Bytes after a full collection, as is `rss`. */
  readonly heap: number
  readonly rss: number
  /** Events so far, by name. */
  readonly counts: Readonly<Record<string, number>>
  /** States of all processes. */
  readonly processes: readonly string[]
}

/** A Host alone in a process, so that all that is measured there is the Host's. Life: from start() to stop() or the test's end. */
export class RiggedHost {
  readonly url: string
  readonly #child: ChildProcess

  /** `folders`: an application's virtual path to its folder. */
  static async start(
    folders: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>>,
  ): Promise<RiggedHost> {
    const child = fork(new URL('host-rig.mjs', import.meta.url), [JSON.stringify(folders)], {
      execArgv: ['--expose-gc'],
      env: { ...process.env, ...environment },
    })
    atTheEnd(() => {
      child.kill('SIGKILL')
    })
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    return new RiggedHost(child, url)
  }

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  recycle(): void {
    this.#child.send('recycle')
  }

  measure(): Promise<Measure> {
    return this.#ask('measure')
  }

  /** Stops the Host; resolves with what is left, when its process has ended by itself. */
  async stop(): Promise<Measure> {
    const exited = once(this.#child, 'exit')
    const left = await this.#ask('stop')
    await exited
    return left
  }

  async #ask(what: string): Promise<Measure> {
    const answered = once(this.#child, 'message')
    this.#child.send(what)
    const [measure] = (await answered) as [Measure]
    return measure
  }
}
