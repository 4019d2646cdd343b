import { type PatternPiece, piecesOf } from './pattern-scan.ts'

/** The last character whose other cases a range of a class takes in one by one. */
const LAST_OF_RANGES = 0x24f

/**
 * The regular expression that matches without the flag `i` what this one matches with it: every letter becomes a class
 * of its cases. The engine of V8 that needs linear time knows no such flag.
 */
export function foldCase(source: string): string {
  return piecesOf(source).map(foldPiece).join('')
}

function foldPiece({ kind, text, code }: PatternPiece): string {
  if (kind === 'class') return foldClass(text)
  if (kind !== 'character' || code === undefined) return text
  const cases = casesOf(code)
  return cases.length === 1 ? text : `[${cases.map(written).join('')}]`
}

function foldClass(text: string): string {
  const isClosed = text.endsWith(']') && text.length > 1
  if (!isClosed) return text
  const isNegated = text.startsWith('[^')
  const members = piecesOf(text.slice(isNegated ? 2 : 1, -1).replaceAll(/[()[|^$.*+?{]/g, plainInClass))
  let folded = ''
  for (let i = 0; i < members.length; i++) {
    const [from, dash, to] = [members[i] as PatternPiece, members[i + 1], members[i + 2]]
    if (from.code !== undefined && dash?.text === '-' && to?.code !== undefined) {
      folded += foldRange(from.code, to.code)
      i += 2
    } else folded += from.code === undefined ? from.text : casesOf(from.code).map(written).join('')
  }
  return `[${isNegated ? '^' : ''}${folded}]`
}

/** In a class these characters mean themselves, unless an escape stands before them, which keeps its meaning. */
function plainInClass(character: string, at: number, whole: string): string {
  let backslashes = 0
  while (whole.charAt(at - 1 - backslashes) === '\\') backslashes++
  return backslashes % 2 === 1 ? character : written(character.charCodeAt(0))
}

function foldRange(from: number, to: number): string {
  let folded = `${written(from)}-${written(to)}`
  for (const [first, last, distance] of [
    [0x41, 0x5a, 32],
    [0x61, 0x7a, -32],
  ] as const) {
    const [low, high] = [Math.max(from, first), Math.min(to, last)]
    if (low <= high) folded += `${written(low + distance)}-${written(high + distance)}`
  }
  for (let code = Math.max(from, 0x80); code <= Math.min(to, LAST_OF_RANGES); code++) {
    folded += casesOf(code).map(written).join('')
  }
  return folded
}

/** The character and its other cases, as ECMAScript compares them: none of them is ASCII unless all are. */
function casesOf(code: number): readonly number[] {
  const character = String.fromCharCode(code)
  const cases = [character, character.toLowerCase(), character.toUpperCase()]
    .filter((each) => each.length === 1 && each.charCodeAt(0) < 0x80 === code < 0x80)
    .map((each) => each.charCodeAt(0))
  return [...new Set(cases)]
}

function written(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`
}
