import { type Place, shown } from '../problems.ts'

/** What is known at the point where the parser gave up. */
export interface Surroundings {
  readonly text: string
  /** Index after the last character that was read. */
  readonly position: number
  /** Index after the last tag, attribute or comment that was whole. */
  readonly understood: number
  /** Index of the first character that is not blank after the last tag or comment. */
  readonly firstInk: number
  readonly rootSeen: boolean
  /** The innermost element that is still open. */
  readonly open: { readonly name: string; readonly at: Place } | undefined
  /** The element that was closed last. */
  readonly lastClosed: { readonly name: string; readonly at: Place } | undefined
}

export interface Complaint {
  readonly index: number
  readonly text: string
  readonly cure: string
}

type Rule = readonly [pattern: RegExp, say: (seen: Surroundings, message: string) => Complaint]

/** The parser's words (saxes 6), in the order in which they are tried; each becomes a place, a sentence and a cure. */
const rules: readonly Rule[] = [
  [/doctype/, (seen) => doctype(seen)],
  [
    /^unexpected close tag/,
    (seen) => {
      const index = seen.text.lastIndexOf('</', seen.position - 1)
      const opened = seen.lastClosed
      const name = opened === undefined ? '' : opened.name
      const line = String(opened?.at.line ?? 0)
      return {
        index,
        text: `${closeTagAt(seen.text, index)} comes while <${shown(name)}> of line ${line} is still open.`,
        cure: `Close <${shown(name)}> before it, or correct the name.`,
      }
    },
  ],
  [
    /^unmatched closing tag|^weird empty close tag/,
    (seen) => {
      const index = seen.text.lastIndexOf('</', seen.position - 1)
      return { index, text: `${closeTagAt(seen.text, index)} closes nothing.`, cure: 'Remove it.' }
    },
  ],
  [/^unclosed tag|^unexpected end/, (seen) => cutOff(seen)],
  [
    /^document must contain a root/,
    (seen) => {
      const unread = seen.text.indexOf('<!DOCTYPE')
      if (unread >= 0) return doctype(seen)
      if (seen.text.includes('<!--') && !seen.text.includes('-->')) return cutOff(seen)
      return {
        index: seen.text.length,
        text: 'The file holds no element.',
        cure: 'Write <configuration>…</configuration> into it, or delete the file.',
      }
    },
  ],
  [
    /^documents may contain only one root/,
    (seen) => ({
      index: seen.text.lastIndexOf('<', seen.position - 2),
      text: 'A second element follows after the end of the first.',
      cure: 'Put everything inside one <configuration>.',
    }),
  ],
  [
    /^text data outside/,
    (seen) => ({
      index: seen.firstInk,
      text: `Text stands ${seen.rootSeen ? 'after' : 'before'} the root element.`,
      cure: 'Remove it.',
    }),
  ],
  [
    /^attribute without value/,
    (seen) => ({
      index: seen.position - 1,
      text: 'The attribute before this place has no value.',
      cure: 'Write it as name="value".',
    }),
  ],
  [
    /^unquoted attribute value/,
    (seen) => ({
      index: seen.position - 1,
      text: 'The value of an attribute is not in quotes.',
      cure: 'Write it as name="value".',
    }),
  ],
  [
    /^no whitespace between attributes/,
    (seen) => ({
      index: seen.position - 1,
      text: 'Two attributes are not separated.',
      cure: 'Put a blank between them, or remove a quote that ends the value too early.',
    }),
  ],
  [/entity/, (seen) => ampersand(seen, rawAmpersand(seen) ?? seen.text.lastIndexOf('&', seen.position - 1))],
  [
    /^malformed comment/,
    (seen) => ({
      index: seen.position - 1,
      text: 'A comment holds "--".',
      cure: 'Remove the two hyphens, or end it there.',
    }),
  ],
  [
    /^(?:an|the) XML declaration must/i,
    (seen) => ({
      index: seen.text.lastIndexOf('<?', seen.position),
      text: 'The XML declaration is not at the very beginning of the file.',
      cure: 'Remove what stands before it.',
    }),
  ],
  [/^disallowed character/, (seen) => disallowed(seen)],
]

export function complaintOf(message: string, seen: Surroundings): Complaint {
  const words = message.replace(/^\d+:\d+: /, '')
  for (const [pattern, say] of rules) if (pattern.test(words)) return say(seen, words)
  return {
    index: Math.max(0, seen.position - 1),
    text: `Not well-formed XML: ${shown(words.replace(/\.$/, ''))}.`,
    cure: 'Correct it; an editor that knows XML shows the place too.',
  }
}

function doctype(seen: Surroundings): Complaint {
  return {
    index: Math.max(0, seen.text.indexOf('<!DOCTYPE')),
    text: 'The file has a DOCTYPE; it is not read, because it could define entities.',
    cure: 'Remove the DOCTYPE.',
  }
}

/** The end of the file came too early. */
function cutOff(seen: Surroundings): Complaint {
  const comment = seen.text.lastIndexOf('<!--')
  if (comment > seen.text.lastIndexOf('-->')) {
    return { index: comment, text: 'The comment that begins here never ends.', cure: 'End it with -->.' }
  }
  const raw = rawAmpersand(seen)
  if (raw !== undefined) return ampersand(seen, raw)
  const { open } = seen
  const index = seen.text.length
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

/** A & that begins no reference takes all up to the next semicolon with it, so it lies after the last thing understood. */
function rawAmpersand({ text, understood }: Surroundings): number | undefined {
  const found = text.slice(understood).search(/&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)/)
  return found < 0 ? undefined : understood + found
}

function ampersand({ text }: Surroundings, index: number): Complaint {
  const written = /^&#?\w*;?/.exec(text.slice(index, index + 40))?.[0] ?? '&'
  const cure = 'Write &amp; for the character &; only &amp; &lt; &gt; &quot; &apos; and &#number; may be used.'
  return { index, text: `"${shown(written)}" is no reference that XML knows.`, cure }
}

function disallowed(seen: Surroundings): Complaint {
  const index = Math.max(0, seen.position - 1)
  const character = seen.text[index] ?? ''
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
