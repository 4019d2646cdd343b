/** The other screen, without a cursor; what is longer than a line ends with it, so that a line is a line. */
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l'
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What watch() draws on, and reads keys from. */
export interface Screen {
  out(text: string): void
  /** False: the text follows the one before, without any control sequence. */
  readonly isTerminal: boolean
  /** Lines that fit; what is below is not shown. */
  readonly rows: () => number
}

/**
 * Draws what `draw` returns again and again, until q, Ctrl-C or a signal ends it; restores the terminal. Resolves when
 * it has ended.
 */
export async function watch(draw: () => Promise<string>, everyMs: number, screen: Screen): Promise<void> {
  const ended = new AbortController()
  const end = (): void => {
    ended.abort()
  }
  const hasEnded = (): boolean => ended.signal.aborted
  const stopKeys = screen.isTerminal ? readKeys(end) : undefined
  for (const signal of signals) process.on(signal, end)
  if (screen.isTerminal) screen.out(enter)
  try {
    while (!hasEnded()) {
      const text = await draw()
      if (!hasEnded()) screen.out(screen.isTerminal ? frame(text, screen.rows()) : `${text}\n`)
      await untilNext(everyMs, ended.signal)
    }
  } finally {
    stopKeys?.()
    for (const signal of signals) process.off(signal, end)
    if (screen.isTerminal) screen.out(leave)
  }
}

/** Each line is cleared behind its text, so that nothing flickers. */
function frame(text: string, rows: number): string {
  const lines = text.trimEnd().split('\n').slice(0, rows)
  return `\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`
}

function readKeys(end: () => void): (() => void) | undefined {
  const { stdin } = process
  if (!stdin.isTTY) return undefined
  const onKey = (key: Buffer): void => {
    const text = key.toString()
    if (text === 'q' || text === 'Q' || text === '\x03') end()
  }
  stdin.setRawMode(true)
  stdin.on('data', onKey)
  return () => {
    stdin.off('data', onKey)
    stdin.setRawMode(false)
    stdin.pause()
  }
}

function untilNext(ms: number, ended: AbortSignal): Promise<void> {
  if (ended.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      ended.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    ended.addEventListener('abort', done)
  })
}
