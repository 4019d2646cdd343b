import { appendFileSync } from 'node:fs'

/**
 * The app from its first request to its exit. Stopping closes the web sockets, stops accepting, lets the requests in
 * flight finish and ends the process with code 0. stop() twice is once.
 */
export class Lifetime {
  #server
  #inFlight = 0
  #stopping = false
  #listeners = new Set()
  #upgraded = new Set()
  #options

  constructor(options) {
    this.#options = options
  }

  serve(server) {
    this.#server = server
  }

  /** Counts a response until it has ended one way or the other. */
  enter(res) {
    this.#inFlight += 1
    if (this.#stopping) res.shouldKeepAlive = false
    res.once('close', () => {
      this.#inFlight -= 1
      this.#leaveWhenDone()
    })
  }

  /** `close` is called when the app stops. */
  enterUpgraded(socket, close) {
    const entry = { close }
    this.#upgraded.add(entry)
    socket.once('close', () => {
      this.#upgraded.delete(entry)
      this.#leaveWhenDone()
    })
  }

  /** Calls back when the app begins to stop; at once if it has begun. */
  onStopping(listener) {
    if (this.#stopping) listener()
    else this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop() {
    if (this.#stopping) return
    this.#stopping = true
    for (const { close } of this.#upgraded) close()
    for (const listener of this.#listeners) listener()
    this.#server?.close()
    // Without a listener nothing else would keep this process.
    if (this.#options.hangOnStop) setInterval(() => {}, 60_000)
    setTimeout(() => {
      this.#options.shutdownDelay = 0
      this.#leaveWhenDone()
    }, this.#options.shutdownDelay)
  }

  /** One line in the file that ANCMTestJournal names, for tests that ask what the app lived through. */
  journal(line) {
    const file = process.env.ANCMTestJournal
    if (file !== undefined && file !== '') appendFileSync(file, `${line}\n`)
  }

  #leaveWhenDone() {
    const busy = this.#inFlight > 0 || this.#upgraded.size > 0 || this.#options.shutdownDelay > 0
    if (!this.#stopping || busy || this.#options.hangOnStop) return
    this.journal('stopped')
    process.exit(0)
  }
}
