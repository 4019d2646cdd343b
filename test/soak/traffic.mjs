// What a mixed crowd of clients does to a site, at a steady rate, and what became of each request.
import { setMaxListeners } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'

const posted = 'x'.repeat(10_000)

/** How often each kind of request is chosen, in a hundred. */
const mixture = [
  { kind: 'GET', share: 60, ask: (origin, agent) => answered(origin, '/HelloWorld', { agent }, 'Hello World') },
  {
    kind: 'POST',
    share: 20,
    ask: (origin, agent) => answered(origin, '/EchoPostData', { agent, method: 'POST', body: posted }, posted),
  },
  { kind: 'new connection', share: 10, ask: (origin) => answered(origin, '/HelloWorld', {}, 'Hello World') },
  { kind: 'aborted download', share: 10, ask: (origin) => abortedDownload(origin) },
]

/** Whether an outcome is neither an answer nor an end in order. */
export const isLoss = (key) => !/: (ok|closed)$/.test(key)

/**
 * Traffic to `origin` until stop(): `rate` requests a second, and `webSockets` open sockets that echo once a second and come
 * back when they are closed. `outcomes` counts `kind outcome`, where every outcome but `ok` and `closed` is a loss.
 */
export class Traffic {
  outcomes = new Map()
  #origin
  #agent = new Agent({ keepAlive: true, maxSockets: 64 })
  #underWay = new Set()
  #stopped = new AbortController()

  constructor(origin, { rate, webSockets }) {
    this.#origin = origin
    // Every open WebSocket listens.
    setMaxListeners(0, this.#stopped.signal)
    this.#keep(this.#arrivals(rate))
    for (let i = 0; i < webSockets; i += 1) this.#keep(this.#echo(i))
  }

  /** Resolves when what was under way has ended. */
  async stop() {
    this.#stopped.abort()
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
    this.#agent.destroy()
  }

  #keep(work) {
    const kept = work.finally(() => this.#underWay.delete(kept))
    this.#underWay.add(kept)
  }

  #note(kind, outcome) {
    const key = `${kind}: ${outcome}`
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1)
    if (isLoss(key)) console.log(`  lost, ${new Date().toISOString()}: ${key}`)
  }

  /** An open loop: a slow answer does not slow the next request down. */
  async #arrivals(rate) {
    const begun = performance.now()
    for (let count = 0; !this.#stopped.signal.aborted; ) {
      const due = ((performance.now() - begun) / 1000) * rate
      for (; count < due; count += 1) this.#keep(this.#one(count))
      await pause(5)
    }
  }

  async #one(count) {
    const { kind, ask } = chosen(count)
    this.#note(kind, await ask(this.#origin, this.#agent))
  }

  async #echo(number) {
    const { signal } = this.#stopped
    await pause(number * 37)
    while (!signal.aborted) {
      const outcome = await talk(this.#origin, signal, () => this.#note('WebSocket echo', 'ok'))
      this.#note('WebSocket', outcome)
      await pause(50)
    }
  }
}

/** The kinds in turn, each as often as its share says. */
function chosen(count) {
  // 37 has no factor in common with 100, so every place of the hundred comes once.
  let place = (count * 37) % 100
  return mixture.find(({ share }) => (place -= share) < 0)
}

function answered(origin, path, { agent = false, method = 'GET', body }, expected) {
  return new Promise((resolve) => {
    const sent = request(origin + path, { agent, method }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      response.once('close', () => {
        if (!response.complete) resolve('cut')
        else if (response.statusCode !== 200) resolve(String(response.statusCode))
        else resolve(text === expected ? 'ok' : 'wrong')
      })
    })
    sent.once('error', (error) => resolve(error.code ?? error.message))
    sent.end(body)
  })
}

/** Leaves after the first bytes of 8 MiB. */
function abortedDownload(origin) {
  return new Promise((resolve) => {
    const sent = request(`${origin}/LargeResponseBody?length=8388608`, { agent: false }, (response) => {
      response.once('data', () => {
        sent.destroy()
        resolve(response.statusCode === 200 ? 'ok' : String(response.statusCode))
      })
      response.once('error', () => {})
    })
    sent.once('error', (error) => resolve(error.code ?? error.message))
    sent.end()
  })
}

/** Echoes once a second until the app closes in order, the connection breaks, or the signal comes. */
function talk(origin, signal, onEcho) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/websocket`)
    let timer
    const leave = () => socket.close()
    signal.addEventListener('abort', leave, { once: true })
    const say = () => {
      if (socket.readyState === WebSocket.OPEN) socket.send('hello')
    }
    socket.once('open', () => {
      if (signal.aborted) leave()
      say()
    })
    socket.on('message', () => {
      onEcho()
      timer = setTimeout(say, 1000)
    })
    socket.once('error', () => {})
    socket.once('close', (code) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
      resolve(code === 1000 || signal.aborted ? 'closed' : `broken ${code}`)
    })
  })
}
