/** A piece of output, wherever it comes from. */
export interface PrintedPiece {
  /** The application's id. */
  readonly app: string
  /** Tells apart what is written at the same time. */
  readonly source: string
  readonly bytes: Uint8Array
  /** Known of what comes from the daemon. */
  readonly stream?: 'stdout' | 'stderr'
  /** Milliseconds since 1970; known of what comes from the daemon. */
  readonly time?: number
}

/** How output is printed: as it is, with the application's name before each line, or each line as a JSON document. */
export type PrintedForm = 'plain' | 'prefix' | 'json'

const lineFeed = 10

/** Turns pieces of output into what stands on stdout. Life: that of one command. */
export class OutputPrinter {
  readonly #form: PrintedForm
  readonly #nameOf: (app: string) => string
  readonly #width: number
  /** Whose line has been begun and not ended. */
  #openLine: string | undefined
  /** JSON: the beginnings of lines, by their source. */
  readonly #begun = new Map<string, { piece: PrintedPiece; parts: Uint8Array[] }>()

  constructor(form: PrintedForm, names: ReadonlyMap<string, string>) {
    this.#form = form
    this.#nameOf = (app) => names.get(app.toLowerCase()) ?? pathOf(app)
    this.#width = Math.max(0, ...[...names.values()].map((name) => name.length))
  }

  print(pieces: readonly PrintedPiece[]): Uint8Array {
    if (this.#form === 'plain') return Buffer.concat(pieces.map(({ bytes }) => bytes))
    const texts = pieces.map((piece) => (this.#form === 'json' ? this.#documents(piece) : this.#prefixed(piece)))
    return Buffer.from(texts.join(''), this.#form === 'json' ? 'utf8' : 'latin1')
  }

  /** What stands in the output itself for a gap; nothing in the form that has only the application's bytes. */
  printGap(lost: { readonly lines: number; readonly bytes: number }): Uint8Array {
    return Buffer.from(this.#form === 'json' ? `${JSON.stringify({ lost })}\n` : '')
  }

  /** What is left at the end: lines without an end. */
  end(): Uint8Array {
    const texts = [...this.#begun.values()].map(({ piece, parts }) => this.#document(piece, parts))
    this.#begun.clear()
    return Buffer.from(texts.join(''))
  }

  /** Each byte as a character of latin1, which stay as they are. */
  #prefixed({ app, source, bytes }: PrintedPiece): string {
    const before = Buffer.from(`${this.#nameOf(app).padEnd(this.#width)} | `).toString('latin1')
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
    const isWhole = text.endsWith('\n')
    const lines = (isWhole ? text.slice(0, -1) : text).replaceAll('\n', `\n${before}`)
    const start = this.#openLine === source ? '' : this.#openLine === undefined ? before : `\n${before}`
    this.#openLine = isWhole ? undefined : source
    return `${start}${lines}${isWhole ? '\n' : ''}`
  }

  #documents(piece: PrintedPiece): string {
    const { source, bytes } = piece
    const documents: string[] = []
    let from = 0
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      const begun = this.#begun.get(source)
      this.#begun.delete(source)
      documents.push(this.#document(begun?.piece ?? piece, [...(begun?.parts ?? []), bytes.subarray(from, end)]))
      from = end + 1
    }
    if (from < bytes.length) {
      const begun = this.#begun.get(source) ?? { piece, parts: [] }
      begun.parts.push(bytes.subarray(from))
      this.#begun.set(source, begun)
    }
    return documents.join('')
  }

  #document({ app, stream, time }: PrintedPiece, parts: readonly Uint8Array[]): string {
    const text = Buffer.concat(parts).toString('utf8').replace(/\r$/, '')
    const when = time === undefined ? {} : { time: new Date(time).toISOString() }
    return `${JSON.stringify({ ...when, app, name: this.#nameOf(app), ...(stream && { stream }), text })}\n`
  }
}

/** The virtual path in an application's id. */
function pathOf(app: string): string {
  return app.replace(/^\/LM\/W3SVC\/\d+\/ROOT/i, '') || '/'
}
