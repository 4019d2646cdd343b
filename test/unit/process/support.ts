import { fileURLToPath } from 'node:url'
import type { ProcessConfig } from '../../../src/config/model.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import type { Launch } from '../../../src/process/life/launch.ts'
import type { Lease } from '../../../src/process/lease.ts'
import type { OutputSink } from '../../../src/process/system/output.ts'
import type { ProcessEvents } from '../../../src/process/life/process-events.ts'
import type { PoolOptions } from '../../../src/process/pool-options.ts'
import type { ProcessPool, Refused } from '../../../src/process/process-pool.ts'
import { createProcessPool } from '../../../src/process/slot-pool.ts'
import { choosePort } from '../../../src/process/start/ports.ts'
import type { Target } from '../../../src/process/life/process-state.ts'
import { atTheEnd } from '../../support/ending.ts'
import { eventually } from '../../support/eventually.ts'

export const misbehaveFolder = fileURLToPath(new URL('../../apps/misbehave', import.meta.url))

interface Changes extends Partial<Omit<Launch, 'config'>> {
  readonly config?: Partial<ProcessConfig>
}

/** What starts misbehave.mjs with this fault, by this test's own node; time limits long enough for a busy machine. */
export function launchOf(fault: readonly string[], { config, ...changes }: Changes = {}): Launch {
  return {
    config: {
      kind: 'aspNetCore',
      processPath: process.execPath,
      arguments: ['.\\misbehave.mjs', ...fault].join(' '),
      startupTimeLimit: 20_000,
      startAttempts: 2,
      shutdownTimeLimit: 20_000,
      rapidFailsPerMinute: 10,
      requestTimeout: 120_000,
      stdoutLogEnabled: false,
      stdoutLogFile: '/nowhere/stdout',
      processesPerApplication: 1,
      disableStartUpErrorPage: false,
      hostingModel: 'outofprocess',
      environmentVariables: [],
      handlerSettings: {
        debugFile: undefined,
        debugLevel: [],
        enableOutOfProcessConsoleRedirection: true,
        forwardResponseConnectionHeader: false,
        shutdownDelay: 1000,
        disallowRotationOnConfigChange: false,
      },
      ...config,
    },
    physicalPath: misbehaveFolder,
    applicationPath: '/',
    site: { name: 'www', id: 1 },
    inherited: process.env,
    httpsPort: undefined,
    guard: undefined,
    ...changes,
  }
}

/** Keeps what was written. */
export class Recorder implements OutputSink {
  #text = ''
  closed = false

  get text(): string {
    return this.#text
  }

  conceal(): void {
    // The tests want to see what was printed.
  }

  write(_stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    this.#text += Buffer.from(chunk).toString()
  }

  lastLines(): readonly string[] {
    return this.#text.split('\n').filter((line) => line !== '')
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

type Name = keyof ProcessEvents
type Heard = { [N in Name]: { readonly name: N; readonly args: Parameters<ProcessEvents[N]> } }[Name]

/** Hears every event, and lets a test wait for one. */
export class Ears implements ProcessEvents {
  readonly heard: Heard[] = []
  #waiting: (() => void)[] = []

  all<N extends Name>(name: N): Parameters<ProcessEvents[N]>[] {
    return this.heard.filter((entry) => entry.name === name).map((entry) => entry.args as Parameters<ProcessEvents[N]>)
  }

  /** Resolves once the event has come `times` times. */
  async until(name: Name, times = 1): Promise<void> {
    while (this.all(name).length < times) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  processStarted(...args: Parameters<ProcessEvents['processStarted']>): void {
    this.#hear({ name: 'processStarted', args })
  }
  startAttemptFailed(...args: Parameters<ProcessEvents['startAttemptFailed']>): void {
    this.#hear({ name: 'startAttemptFailed', args })
  }
  processStartFailed(...args: Parameters<ProcessEvents['processStartFailed']>): void {
    this.#hear({ name: 'processStartFailed', args })
  }
  processExited(...args: Parameters<ProcessEvents['processExited']>): void {
    this.#hear({ name: 'processExited', args })
  }
  rapidFailTripped(...args: Parameters<ProcessEvents['rapidFailTripped']>): void {
    this.#hear({ name: 'rapidFailTripped', args })
  }
  shutdownRequested(...args: Parameters<ProcessEvents['shutdownRequested']>): void {
    this.#hear({ name: 'shutdownRequested', args })
  }
  processKilled(...args: Parameters<ProcessEvents['processKilled']>): void {
    this.#hear({ name: 'processKilled', args })
  }
  hooksChosen(...args: Parameters<ProcessEvents['hooksChosen']>): void {
    this.#hear({ name: 'hooksChosen', args })
  }

  listensElsewhere(...args: Parameters<ProcessEvents['listensElsewhere']>): void {
    this.#hear({ name: 'listensElsewhere', args })
  }
  processesLeft(...args: Parameters<ProcessEvents['processesLeft']>): void {
    this.#hear({ name: 'processesLeft', args })
  }
  commandNoted(...args: Parameters<ProcessEvents['commandNoted']>): void {
    this.#hear({ name: 'commandNoted', args })
  }

  #hear(entry: Heard): void {
    this.heard.push(entry)
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** What a pool opens on a process in these tests: its target, and whether it was closed. */
export interface TestChannel {
  readonly target: Target
  retired?: boolean
  closed: number
}

export interface TestPool {
  readonly pool: ProcessPool<TestChannel>
  readonly ears: Ears
  readonly outputs: Recorder[]
  readonly channels: TestChannel[]
}

export function poolOf(launch: Launch, changes: Partial<PoolOptions<TestChannel>> = {}): TestPool {
  const ears = new Ears()
  const outputs: Recorder[] = []
  const channels: TestChannel[] = []
  const pool = createProcessPool<TestChannel>({
    launch,
    channels: {
      open: (target) => {
        const channel = { target, closed: 0 }
        channels.push(channel)
        return channel
      },
      retire: (channel) => {
        channel.retired = true
      },
      close: (channel) => {
        channel.closed++
      },
    },
    openOutput: () => {
      const output = new Recorder()
      outputs.push(output)
      return output
    },
    events: ears,
    clock: systemClock,
    ...changes,
  })
  return { pool, ears, outputs, channels }
}

/** The same, ended with the test: nothing of it is left running. */
export function openPool(launch: Launch, changes: Partial<PoolOptions<TestChannel>> = {}): TestPool {
  const made = poolOf(launch, changes)
  atTheEnd(() => {
    made.pool.destroy()
    return made.pool.retire('host-stopping')
  })
  return made
}

export async function leased({ pool }: TestPool): Promise<Lease<TestChannel>> {
  const outcome = await pool.lease()
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure))
  return outcome.value
}

export async function refused({ pool }: TestPool): Promise<Refused> {
  const outcome = await pool.lease()
  if (outcome.ok) throw new Error('it was not refused')
  return outcome.failure
}

/** The helper that an app `with-helper` has started; its line may come after the app listens. */
export async function helperOf({ outputs }: TestPool): Promise<number> {
  const named = (): string | undefined => /helper (\d+)\n/.exec(outputs[0]?.text ?? '')?.[1]
  return Number(await eventually('it names its helper', named))
}

/** A port that an app may be told by its configuration, and nobody has. */
export async function portForApp(): Promise<number> {
  const chosen = await choosePort([], 'ASPNETCORE_PORT')
  if (!chosen.ok) throw new Error(chosen.failure.why)
  return chosen.value
}
