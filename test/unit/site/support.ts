import { UserForwarding } from '../../../src/site/users/user-forwarding.ts'
import type { ProcessConfig, WebConfig } from '../../../src/config/model.ts'
import type { Delivery } from '../../../src/forward/forward-failure.ts'
import type { ForwardOptions, Upstream } from '../../../src/forward/forwarder.ts'
import type { Answer } from '../../../src/http/answer.ts'
import type { Connection, Exchange, Reply, RequestBody } from '../../../src/http/exchange.ts'
import { RawHeaders } from '../../../src/http/headers.ts'
import type { Log } from '../../../src/log/entry.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { failed, ok, type Result } from '../../../src/platform/result.ts'
import { LeaseCount } from '../../../src/process/lease.ts'
import type { Lease } from '../../../src/process/lease.ts'
import { noHistory } from '../../../src/process/process-history.ts'
import type { ProcessPool, Refused } from '../../../src/process/process-pool.ts'
import type { ProcessStatus } from '../../../src/process/process-status.ts'
import type { StopReason } from '../../../src/process/life/process-state.ts'
import { composeModules, stepsOf } from '../../../src/site/compose-modules.ts'
import { gateEnd } from '../../../src/site/gate-end.ts'
import { modules } from '../../../src/site/modules.ts'
import type { RequestHandler } from '../../../src/site/pipeline.ts'
import type { OnRefused, Presence } from '../../../src/site/presence.ts'
import { catchAllHandlers, processConfig } from './web-config.ts'

/** Where nobody is authenticated. */
export const noUsers = new UserForwarding({ process: {}, authentication: ['anonymous'] }, () => undefined)

/** One exchange as a front would make it, and what was answered. */
export interface TestExchange extends Exchange {
  readonly answers: Answer[]
  readonly reply: TestReply
}

export interface TestReply extends Reply {
  gone: boolean
  started: boolean
  status: number
  aborted: boolean
}

export interface Asked {
  readonly target?: string
  readonly remoteAddress?: string
  readonly headers?: readonly string[]
  readonly body?: RequestBody
}

export function exchangeOf({
  target = '/',
  remoteAddress = '127.0.0.1',
  headers = [],
  body,
}: Asked = {}): TestExchange {
  const answers: Answer[] = []
  const reply: TestReply = {
    started: false,
    gone: false,
    aborted: false,
    status: 0,
    bytes: 0,
    responseFields: undefined,
    inform: () => undefined,
    begin: () => {
      throw new Error('nobody begins a response here')
    },
    answer: (answer) => {
      answers.push(answer)
      reply.status = answer.status
    },
    abort: () => {
      reply.aborted = true
    },
    onGone: () => undefined,
  }
  const connection: Connection = {
    scheme: 'http',
    localAddress: '127.0.0.1',
    localPort: 80,
    remoteAddress,
    remotePort: 4711,
    clientCertificate: undefined,
    onEnd: () => undefined,
  }
  return {
    id: 1,
    receivedAt: 0,
    connection,
    httpVersion: '1.1',
    method: 'GET',
    target,
    path: target.split('?')[0] ?? '',
    host: 'h',
    headers: new RawHeaders(headers),
    body,
    upgrade: undefined,
    reply,
    answers,
  }
}

export function webConfig(changes: Partial<ProcessConfig> = {}): WebConfig {
  return {
    process: { ...processConfig, ...changes },
    handlers: catchAllHandlers,
    sections: { 'security/requestFiltering': { maxAllowedContentLength: 10 } },
    files: [],
    places: { processPath: nowhere, arguments: nowhere, environmentVariables: nowhere },
    notices: [],
  }
}

/** How an exchange comes to a presence that serves: by every module of its configuration. */
export function throughModules(web: WebConfig, present: Presence, onRefused: OnRefused): RequestHandler['serve'] {
  const log: Log = { isEnabled: () => false, write: () => undefined }
  const steps = stepsOf(modules, web, {
    id: '/LM/W3SVC/1/ROOT',
    path: '/',
    physicalPath: '/srv/www',
    log,
    clock: systemClock,
  })
  return composeModules(steps, { pass: (exchange) => present.serve(exchange), end: gateEnd(onRefused) }).serve
}

const nowhere = { file: 'web.config', line: 1, column: 1 }

/** A way to a process that answers everything, or as told. */
export class TestUpstream implements Upstream {
  readonly forwarded: { readonly exchange: Exchange; readonly options: ForwardOptions }[] = []
  deliver: (exchange: Exchange) => Promise<Delivery> = () => Promise.resolve({ outcome: 'delivered', status: 200 })

  forward(exchange: Exchange, options: ForwardOptions): Promise<Delivery> {
    this.forwarded.push({ exchange, options })
    return this.deliver(exchange)
  }

  retire(): void {
    // Nothing is kept.
  }

  close(): void {
    // Nothing is kept.
  }
}

/** A pool whose processes are there as the test says. */
export class TestPool implements ProcessPool<Upstream> {
  readonly upstream = new TestUpstream()
  readonly process = new LeaseCount<Upstream>(this.upstream, 7)
  readonly status: ProcessStatus[] = []
  readonly history = noHistory
  readonly calls: string[] = []
  places = 1
  ready = 0
  waiting = 0
  /** Whether take() finds one. */
  isReady = true
  refusal: Refused | undefined
  /** Holds lease() up. */
  wait: Promise<unknown> = Promise.resolve()
  starts: boolean | Promise<boolean> = true

  take(): Lease<Upstream> | undefined {
    return this.isReady ? this.process.take() : undefined
  }

  async lease(): Promise<Result<Lease<Upstream>, Refused>> {
    await this.wait
    return this.refusal === undefined ? ok(this.process.take()) : failed(this.refusal)
  }

  async start(): Promise<boolean> {
    this.calls.push('start')
    return this.starts
  }

  async ensure(): Promise<Result<undefined, 'aborted'>> {
    this.calls.push('ensure')
    return (await this.starts) ? ok(undefined) : failed('aborted')
  }

  keepRunning(): void {
    this.calls.push('keep running')
  }

  adopt(elder: ProcessPool<Upstream>): void {
    this.calls.push(`adopt ${String(elder.ready)}`)
  }

  retireAdopted(reason: StopReason, count: number): void {
    this.calls.push(`end ${String(count)} ${reason}`)
  }

  retire(reason: StopReason): Promise<void> {
    this.calls.push(`retire ${reason}`)
    return Promise.resolve()
  }

  destroy(): void {
    this.calls.push('destroy')
  }
}
