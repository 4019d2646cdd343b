import { followOutput } from './api.ts'
import { build, setText } from './dom.ts'

/** How much of the output is kept in the page, in characters. */
const keptLength = 200_000

/** The live output of an application, shown when it is asked for. Life: that of the detail that it belongs to. */
export class Output {
  readonly element: HTMLElement
  readonly #id: string
  readonly #text = build('pre', { tabindex: '0', 'aria-label': 'Output of the application' })
  readonly #state = build('p', { role: 'status' })
  #following: AbortController | undefined

  constructor(id: string) {
    this.#id = id
    const button = build('button', { type: 'button', 'aria-expanded': 'false' }, 'Show live output')
    this.#text.hidden = true
    button.addEventListener('click', () => {
      const isOpen = this.#following === undefined
      button.setAttribute('aria-expanded', String(isOpen))
      setText(button, isOpen ? 'Hide live output' : 'Show live output')
      this.#text.hidden = !isOpen
      if (isOpen) void this.#follow()
      else this.close()
    })
    this.element = build('div', {}, build('h3', {}, 'Output'), button, this.#state, this.#text)
  }

  close(): void {
    this.#following?.abort()
    this.#following = undefined
    this.#text.textContent = ''
    setText(this.#state, '')
  }

  async #follow(): Promise<void> {
    const following = new AbortController()
    this.#following = following
    try {
      await followOutput(this.#id, following.signal, (text) => {
        this.#add(text)
      })
      setText(this.#state, 'The daemon has ended the output.')
    } catch (error) {
      if (!following.signal.aborted) setText(this.#state, error instanceof Error ? error.message : 'no output')
    }
  }

  /** Stays at the end, unless the reader has scrolled up. */
  #add(text: string): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#text
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 40
    this.#text.append(text)
    while (this.#text.textContent.length > keptLength && this.#text.firstChild !== null) this.#text.firstChild.remove()
    if (isAtEnd) this.#text.scrollTop = this.#text.scrollHeight
  }
}
