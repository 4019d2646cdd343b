import { type Place, shown } from '../problems.ts'

/** What is known when the parser reports an error. */
export interface ParserState {
  readonly text: string
  /** Index after the last character that was read. */
  readonly position: number
  /** Index after the last complete tag, attribute or comment. */
  readonly parsedUntil: number
  /** Index of the first character other than a blank that follows the last tag or comment. */
  readonly firstNonBlank: number
  readonly rootSeen: boolean
  /** The innermost element that is still open. */
  readonly open: { readonly name: string; readonly at: Place } | undefined
  /** The element that was closed last. */
  readonly lastClosed: { readonly name: string; readonly at: Place } | undefined
}

/** One error in the XML: what is wrong and how to mend it, each as a sentence, and its index in the file's text. */
export interface Complaint {
  readonly index: number
  readonly text: string
  readonly cure: string
}

type Rule = readonly [pattern: RegExp, say: (state: ParserState, message: string) => Complaint]

/** Which complaint stands for which error message of the parser (saxes 6); the first pattern that matches is used. */
const rules: readonly Rule[] = [
  [/doctype/, (state) => doctype(state)],
  [
    /^unexpected close tag/,
    (state) => {
      const index = state.text.lastIndexOf('</', state.position - 1)
      const opened = state.lastClosed
      const name = opened === undefined ? '' : opened.name
      const line = String(opened?.at.line ?? 0)
      return {
        index,
        text: `${closeTagAt(state.text, index)} comes while <${shown(name)}> of line ${line} is still open.`,
        cure: `Close <${shown(name)}> before it, or correct the name.`,
      }
    },
  ],
  [
    /^unmatched closing tag|^weird empty close tag/,
    (state) => {
      const index = state.text.lastIndexOf('</', state.position - 1)
      return { index, text: `${closeTagAt(state.text, index)} closes nothing.`, cure: 'Remove it.' }
    },
  ],
  [/^unclosed tag|^unexpected end/, (state) => cutOff(state)],
  [
    /^document must contain a root/,
    (state) => {
      if (state.text.includes('<!DOCTYPE')) return doctype(state)
      if (state.text.includes('<!--') && !state.text.includes('-->')) return cutOff(state)
      return {
        index: state.text.length,
        text: 'The file holds no element.',
        cure: 'Write <configuration>…</configuration> into it, or delete the file.',
      }
    },
  ],
  [
    /^documents may contain only one root/,
    (state) => ({
      index: state.text.lastIndexOf('<', state.position - 2),
      text: 'A second element follows after the end of the first.',
      cure: 'Put everything inside one <configuration>.',
    }),
  ],
  [
    /^text data outside/,
    (state) => ({
      index: state.firstNonBlank,
      text: `Text stands ${state.rootSeen ? 'after' : 'before'} the root element.`,
      cure: 'Remove it.',
    }),
  ],
  [
    /^attribute without value/,
    (state) => ({
      index: state.position - 1,
      text: 'The attribute before this place has no value.',
      cure: 'Write it as name="value".',
    }),
  ],
  [
    /^unquoted attribute value/,
    (state) => ({
      index: state.position - 1,
      text: 'The value of an attribute is not in quotes.',
      cure: 'Write it as name="value".',
    }),
  ],
  [
    /^no whitespace between attributes/,
    (state) => ({
      index: state.position - 1,
      text: 'Two attributes are not separated.',
      cure: 'Put a blank between them, or remove a quote that ends the value too early.',
    }),
  ],
  [/entity/, (state) => ampersand(state, rawAmpersand(state) ?? state.text.lastIndexOf('&', state.position - 1))],
  [
    /^malformed comment/,
    (state) => ({
      index: state.position - 1,
      text: 'A comment holds "--".',
      cure: 'Remove the two hyphens, or end it there.',
    }),
  ],
  [
    /^(?:an|the) XML declaration must/i,
    (state) => ({
      index: state.text.lastIndexOf('<?', state.position),
      text: 'The XML declaration is not at the very beginning of the file.',
      cure: 'Remove what stands before it.',
    }),
  ],
  [/^disallowed character/, (state) => disallowed(state)],
]

/** The complaint for an error message of the parser, which begins with `line:column: `. */
export function complaintOf(message: string, state: ParserState): Complaint {
  const words = message.replace(/^\d+:\d+: /, '')
  for (const [pattern, say] of rules) if (pattern.test(words)) return say(state, words)
  return {
    index: Math.max(0, state.position - 1),
    text: `Not well-formed XML: ${shown(words.replace(/\.$/, ''))}.`,
    cure: 'Correct it; an editor that knows XML shows the place too.',
  }
}

function doctype(state: ParserState): Complaint {
  return {
    index: Math.max(0, state.text.indexOf('<!DOCTYPE')),
    text: 'The file has a DOCTYPE; it is not read, because it could define entities.',
    cure: 'Remove the DOCTYPE.',
  }
}

/** The complaint when the file ends too early. */
function cutOff(state: ParserState): Complaint {
  const comment = state.text.lastIndexOf('<!--')
  if (comment > state.text.lastIndexOf('-->')) {
    return { index: comment, text: 'The comment that begins here never ends.', cure: 'End it with -->.' }
  }
  const raw = rawAmpersand(state)
  if (raw !== undefined) return ampersand(state, raw)
  const { open } = state
  const index = state.text.length
  if (open === undefined) {
    return { index, text: 'The file ends in the middle of something.', cure: 'Restore its missing rest.' }
  }
  const name = shown(open.name)
  return {
    index,
    text: `The file ends while <${name}> of line ${String(open.at.line)} is still open.`,
    cure: `Add </${name}>, or restore the missing rest of the file.`,
  }
}

/**
 * The index of the first `&` that does not begin a valid reference. The parser reports it only at the next semicolon,
 * so the search begins at `parsedUntil` and not at `position`.
 */
function rawAmpersand({ text, parsedUntil }: ParserState): number | undefined {
  const found = text.slice(parsedUntil).search(/&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)/)
  return found < 0 ? undefined : parsedUntil + found
}

function ampersand({ text }: ParserState, index: number): Complaint {
  const written = /^&#?\w*;?/.exec(text.slice(index, index + 40))?.[0] ?? '&'
  const cure = 'Write &amp; for the character &; only &amp; &lt; &gt; &quot; &apos; and &#number; may be used.'
  return { index, text: `"${shown(written)}" is no reference that XML knows.`, cure }
}

function disallowed(state: ParserState): Complaint {
  const index = Math.max(0, state.position - 1)
  const character = state.text[index] ?? ''
  if (character === '<') {
    return {
      index,
      text: 'A "<" stands where none may be.',
      cure: 'Close the quote or the tag before it, or write &lt; for the character itself.',
    }
  }
  const cure = character < ' ' ? 'Remove it.' : 'Remove it, or close the quote before it.'
  return { index, text: `"${shown(character)}" may not stand here.`, cure }
}

function closeTagAt(text: string, index: number): string {
  return shown(/^<\/[^\s<>]*/.exec(text.slice(index, index + 100))?.[0] ?? '</') + '>'
}
