/** A piece of a regular expression. `text` is how it was written. */
export interface PatternPiece {
  readonly kind: 'character' | 'class' | 'open' | 'close' | 'quantifier' | 'other'
  readonly text: string
  /** Of a character: which one. */
  readonly code?: number
  /** Of a quantifier: how often at most; Infinity for no limit. */
  readonly most?: number
}

const quantifier = /(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??/y
const hexEscape = /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/y
/** Escapes that stand for a class, a position, a control character or a group, and not for the letter after them. */
const meaningfulEscape = /\\(?:c[A-Za-z]|k<[^>]*>|[0-9]+|[bBdDsSwWfnrtvk])/y
const groupOpening = /\((?:\?(?::|=|!|<=|<!|<[^>]*>))?/y

/** Cuts a regular expression, in the syntax without the flags u and v, into its pieces. */
export function piecesOf(source: string): readonly PatternPiece[] {
  const pieces: PatternPiece[] = []
  for (let at = 0; at < source.length; ) {
    const piece = pieceAt(source, at)
    pieces.push(piece)
    at += piece.text.length
  }
  return pieces
}

function pieceAt(source: string, at: number): PatternPiece {
  const first = source.charAt(at)
  if (first === '\\') return escapeAt(source, at)
  if (first === '[') return { kind: 'class', text: classAt(source, at) }
  if (first === '(') return { kind: 'open', text: matchAt(groupOpening, source, at) ?? first }
  if (first === ')') return { kind: 'close', text: first }
  const repeats = matchAt(quantifier, source, at)
  if (repeats !== undefined) return { kind: 'quantifier', text: repeats, most: mostOf(repeats) }
  if (/[|^$.]/.test(first)) return { kind: 'other', text: first }
  return { kind: 'character', text: first, code: first.charCodeAt(0) }
}

function escapeAt(source: string, at: number): PatternPiece {
  const hex = matchAt(hexEscape, source, at)
  if (hex !== undefined) return { kind: 'character', text: hex, code: Number.parseInt(hex.slice(2), 16) }
  const meaningful = matchAt(meaningfulEscape, source, at)
  if (meaningful !== undefined) return { kind: 'other', text: meaningful }
  const text = source.slice(at, at + 2)
  return { kind: 'character', text, code: text.charCodeAt(1) }
}

function classAt(source: string, at: number): string {
  for (let end = at + 1; end < source.length; end++) {
    if (source.charAt(end) === '\\') end++
    else if (source.charAt(end) === ']') return source.slice(at, end + 1)
  }
  return source.slice(at)
}

function mostOf(text: string): number {
  if (text.startsWith('?')) return 1
  const most = /^\{[0-9]+\}/.test(text) ? text.slice(1) : /,([0-9]+)/.exec(text)?.[1]
  return most === undefined ? Number.POSITIVE_INFINITY : Number.parseInt(most, 10)
}

function matchAt(sticky: RegExp, source: string, at: number): string | undefined {
  sticky.lastIndex = at
  return sticky.exec(source)?.[0]
}
