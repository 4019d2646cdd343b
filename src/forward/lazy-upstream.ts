import type { Exchange } from '../http/exchange.ts'
import { type Delivery, failedToConnect } from './forward-failure.ts'
import type { ForwardOptions, OpenUpstream, Upstream } from './forwarder.ts'

/** Opens Upstreams whose code is loaded when the first one is opened. */
export function lazyUpstream(load: () => Promise<OpenUpstream>): OpenUpstream {
  let loading: Promise<OpenUpstream> | undefined
  return (destination) => {
    loading ??= load()
    return new LazyUpstream(loading.then((open) => open(destination)))
  }
}

/** An Upstream whose code may not be loaded yet; requests wait for it. Life and owner: those of the Upstream. */
class LazyUpstream implements Upstream {
  readonly #opening: Promise<Upstream>
  #opened: Upstream | undefined
  #failure: Delivery | undefined
  #retired = false
  #closed = false

  constructor(opening: Promise<Upstream>) {
    this.#opening = opening
    void opening.then(
      (upstream) => {
        this.#opened = upstream
        if (this.#retired) upstream.retire()
        if (this.#closed) upstream.close()
      },
      (error: unknown) => {
        this.#failure = failedToConnect(`the code for this protocol cannot be loaded: ${String(error)}`)
      },
    )
  }

  async forward(exchange: Exchange, options: ForwardOptions): Promise<Delivery> {
    if (this.#opened === undefined) await this.#opening.catch(() => undefined)
    return this.#opened?.forward(exchange, options) ?? this.#failure ?? failedToConnect('nothing is loaded')
  }

  retire(): void {
    this.#retired = true
    this.#opened?.retire()
  }

  close(): void {
    this.#closed = true
    this.#opened?.close()
  }
}
