/** One argument of a Windows command line. */
export interface Argument {
  readonly text: string
  /** Whether it was written without quotes, so that a blank in a file name would have split it. */
  readonly bare: boolean
}

/**
 * Splits a Windows command line as the Microsoft C runtime does (the rules since 2008): blanks separate arguments;
 * quotes protect blanks; `""` inside quotes is one quote; backslashes are ordinary except in front of a quote, where
 * `\\` is a backslash and `\"` a quote. A quote that is not closed ends at the end of the line.
 */
export function splitArguments(line: string): readonly Argument[] {
  const found: Argument[] = []
  let text = ''
  let begun = false
  let bare = true
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string
    if (!quoted && (char === ' ' || char === '\t')) {
      if (begun) found.push({ text, bare })
      text = ''
      begun = false
      bare = true
      continue
    }
    begun = true
    if (char === '\\') {
      let slashes = 1
      while (line[at + 1] === '\\') {
        slashes++
        at++
      }
      if (line[at + 1] !== '"') {
        text += '\\'.repeat(slashes)
        continue
      }
      text += '\\'.repeat(slashes >> 1)
      bare = false
      if (slashes % 2 === 1) {
        text += '"'
        at++
      }
    } else if (char === '"') {
      bare = false
      if (quoted && line[at + 1] === '"') {
        text += '"'
        at++
      } else {
        quoted = !quoted
      }
    } else {
      text += char
    }
  }
  if (begun) found.push({ text, bare })
  return found
}

/**
 * Joins words to a command line, for people to read and to paste; quotes only words that are empty or contain blanks or
 * quotes.
 */
export function joinArguments(words: readonly string[]): string {
  return words.map((word) => (/^[^\s"]+$/.test(word) ? word : quote(word))).join(' ')
}

function quote(word: string): string {
  const escaped = word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')
  return `"${escaped}"`
}
