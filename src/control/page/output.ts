import { followOutput, readStatus } from './api.ts'
import { announce, build, setText } from './dom.ts'

/** How many lines are in the page; the oldest ones make room. */
const keptLines = 1000
/** How much of a line is shown, in characters. */
const lineLength = 4000
/** How long the page waits before it asks a daemon again that does not answer. */
const retryMs = 2000

/** What colours a terminal; a browser would show it as signs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const escapes = /\u001b\[[\d;?]*[ -/]*[@-~]/g

/**
 * The live output of an application, shown when it is asked for. Life: that of the detail that it belongs to; close()
 * ends the connection. Invariant: at most a thousand lines are in the page, and a thousand wait.
 */
export class Output {
  readonly element: HTMLElement
  readonly #id: string
  readonly #log = build('div', {
    class: 'log',
    // Not read aloud as it comes: an application may write a thousand lines a second.
    role: 'log',
    'aria-live': 'off',
    'aria-label': 'Output of the application',
    id: 'output-log',
    tabindex: '0',
  })
  readonly #state = build('p', { class: 'soft' })
  readonly #show = build(
    'button',
    { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'output-log' },
    'Show live output',
  )
  readonly #pause = build('button', { type: 'button', 'aria-pressed': 'false' }, 'Pause')
  #following: AbortController | undefined
  #isPaused = false
  /** Whole lines that are not in the page yet. */
  #waiting: string[] = []
  #waitingCount = 0
  /** The beginning of a line that has no end yet, and where it is shown. */
  #begun = ''
  readonly #last = build('div')
  #frame = 0

  constructor(id: string) {
    this.#id = id
    this.#show.addEventListener('click', () => {
      if (this.#following === undefined) this.#open()
      else this.#hide()
    })
    this.#pause.addEventListener('click', () => {
      this.#setPaused(!this.#isPaused)
    })
    this.element = build(
      'div',
      { class: 'output' },
      build('h3', {}, 'Output'),
      build('div', { class: 'actions' }, this.#show, this.#pause),
      this.#state,
      this.#log,
    )
    this.#hide()
  }

  close(): void {
    this.#following?.abort()
    this.#following = undefined
    cancelAnimationFrame(this.#frame)
  }

  #open(): void {
    this.#setOpen(true)
    this.#log.replaceChildren()
    this.#following = new AbortController()
    void this.#follow(this.#following.signal)
  }

  #hide(): void {
    this.close()
    this.#setOpen(false)
    this.#setPaused(false)
    this.#waiting = []
    this.#waitingCount = 0
    this.#begun = ''
    this.#log.replaceChildren()
    setText(this.#state, '')
  }

  #setOpen(isOpen: boolean): void {
    this.#show.setAttribute('aria-expanded', String(isOpen))
    setText(this.#show, isOpen ? 'Hide live output' : 'Show live output')
    this.#log.hidden = !isOpen
    this.#pause.hidden = !isOpen
    this.#state.hidden = !isOpen
  }

  #setPaused(isPaused: boolean): void {
    if (this.#isPaused !== isPaused) announce(isPaused ? 'Output paused.' : 'Output goes on.')
    this.#isPaused = isPaused
    setText(this.#state, isPaused ? 'Paused; 0 new lines.' : 'Following.')
    this.#pause.setAttribute('aria-pressed', String(isPaused))
    this.#draw()
  }

  /** Until `signal` aborts, over ends of the connection and of the daemon. */
  async #follow(signal: AbortSignal): Promise<void> {
    let before: number | undefined
    const isOver = (): boolean => signal.aborted
    while (!isOver()) {
      let why = 'The daemon has ended the output.'
      try {
        const { pid } = await readStatus()
        // The same daemon gives its last lines again; another one begins anew.
        if (before === pid) this.#log.replaceChildren()
        else if (before !== undefined) this.#take('— the daemon has been started again —\n')
        before = pid
        if (!this.#isPaused) setText(this.#state, 'Following.')
        await followOutput(this.#id, signal, (text) => {
          this.#take(text)
        })
      } catch (error) {
        if (isOver()) return
        why = error instanceof Error && error.message !== '' ? error.message : 'There is no output.'
      }
      this.#take(this.#begun === '' ? '' : '\n')
      setText(this.#state, `${why} Trying again.`)
      await new Promise((resolve) => {
        setTimeout(resolve, retryMs)
      })
    }
  }

  #take(text: string): void {
    const lines = (this.#begun + text).split('\n')
    this.#begun = (lines.pop() ?? '').slice(0, lineLength)
    this.#waitingCount += lines.length
    this.#waiting.push(...lines.slice(-keptLines))
    if (this.#waiting.length > keptLines) this.#waiting = this.#waiting.slice(-keptLines)
    this.#draw()
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => {
      if (this.#following === undefined) return
      if (this.#isPaused) setText(this.#state, `Paused; ${String(this.#waitingCount)} new lines.`)
      else this.#append()
    })
  }

  /** Stays at the end, unless the reader has scrolled up. */
  #append(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#log
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 40
    const lines = this.#waiting.map((line) => build('div', {}, shown(line)))
    this.#waiting = []
    this.#waitingCount = 0
    this.#last.textContent = this.#begun === '' ? '' : shown(this.#begun)
    this.#log.append(...lines, this.#last)
    while (this.#log.childElementCount > keptLines + 1) this.#log.firstElementChild?.remove()
    if (isAtEnd) this.#log.scrollTop = this.#log.scrollHeight
  }
}

function shown(line: string): string {
  const text = line.replace(/\r$/, '').replaceAll(escapes, '')
  // An empty line has a height as well.
  return text === '' ? '\u00a0' : text.length > lineLength ? `${text.slice(0, lineLength)}…` : text
}
