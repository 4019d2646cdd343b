import { onTestFinished } from 'vitest'
import type { LogEntry } from '../../../src/log/entry.ts'
import { deferred } from '../../../src/platform/deferred.ts'
import type { StopReason } from '../../../src/process/life/process-state.ts'
import { applicationSource } from '../../../src/config/web-config/application.ts'
import { Application } from '../../../src/site/application.ts'
import { newHistory } from '../../../src/site/application-status.ts'
import { Faulted } from '../../../src/site/faulted.ts'
import { modules, sectionsOf } from '../../../src/site/modules.ts'
import { noSteps } from '../../../src/site/compose-parts.ts'
import { Serving } from '../../../src/site/serving.ts'
import { eventually } from '../../support/eventually.ts'
import { copyApp, editWebConfig } from '../../support/folders.ts'
import { HandClock } from '../../support/hand-clock.ts'
import { noUsers, TestPool } from './support.ts'

/** A pool that has gone when the test says so. */
export class LeavingPool extends TestPool {
  readonly gone = deferred<undefined>()

  override async retire(reason: StopReason): Promise<void> {
    await super.retire(reason)
    await this.gone.promise
  }
}

export async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

interface Case {
  readonly folder?: string
  readonly keepsOnBrokenConfig?: boolean
  /** Processes that run in each pool. */
  readonly ready?: number
  /** When those of a recycle are. */
  readonly starts?: Promise<boolean>
}

/** An application whose processes are there as the test says, on a clock that stands still. */
export async function open({ folder, keepsOnBrokenConfig = false, ready = 0, starts }: Case = {}) {
  const physicalPath = folder ?? (await copyApp('node-twin'))
  const clock = new HandClock()
  const pools: LeavingPool[] = []
  const entries: LogEntry[] = []
  let logClosed = 0
  const config = { path: '/', physicalPath }
  const site = { name: 'www', id: 1, bindings: [], applications: [config] }
  const application = await Application.open({
    config,
    id: '/LM/W3SVC/1/ROOT',
    source: applicationSource(site, config, { environment: {}, sections: sectionsOf(modules) }),
    stepsFor: () => noSteps,
    log: { isEnabled: () => true, write: (_level, entry) => void entries.push(entry) },
    closeLog: () => {
      logClosed += 1
      return Promise.resolve()
    },
    clock,
    keepsOnBrokenConfig,
    openServing: (web, redispatch) => {
      const pool = new LeavingPool()
      pool.ready = ready
      if (starts !== undefined) pool.starts = starts
      pools.push(pool)
      return new Serving({
        path: '/',
        web,
        pool,
        users: noUsers,
        clock,
        mayShowDetails: () => false,
        errorPageLink: undefined,
        redispatch,
        onForwardFailed: () => undefined,
        onRefused: () => undefined,
      })
    },
    onRefused: () => undefined,
    history: newHistory(),
    openFaulted: (problems) =>
      new Faulted(
        problems,
        () => false,
        () => undefined,
      ),
  })
  onTestFinished(() => {
    for (const pool of pools) pool.gone.resolve(undefined)
    application.destroy()
  })
  const told = (event: string): LogEntry[] => entries.filter((entry) => entry.event === event)
  const until = (event: string, times = 1): Promise<boolean> =>
    eventually(`${event} is told`, () => told(event).length >= times)
  const recycled = async (times = 1): Promise<void> => {
    application.recycle('it was asked for')
    await until('applicationRecycled', times)
  }
  const pool = (at: number): LeavingPool => pools[at] as LeavingPool
  return { application, physicalPath, clock, pools, pool, told, until, recycled, logsClosed: () => logClosed }
}

/** With a shutdownDelay of 300 ms. */
export async function delayed(): Promise<string> {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { handlerSettings: { shutdownDelay: '300' } })
  return folder
}

/** Whether it has come to its end, some turns of the event loop later. */
export async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false
  void promise.then(() => {
    over = true
  })
  await turns()
  return over
}
