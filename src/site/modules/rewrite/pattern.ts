import { setFlagsFromString } from 'node:v8'
import { failed, ok, type Result } from '../../../platform/result.ts'
import { foldCase } from './fold-case.ts'
import { piecesOf } from './pattern-scan.ts'
import type { PatternSettings, PatternSyntax } from './settings.ts'

/** Why a pattern cannot be used. */
export type PatternFault =
  | { readonly why: 'malformed'; readonly reason: string }
  /** Some requests could keep the whole daemon busy with it for seconds, or for ever. */
  | { readonly why: 'may-take-exponential-time' }

/** Whether a text matches, and the captures of the match, the whole match first; a group that took no part is ''. */
export interface Pattern {
  /** Undefined: it does not match. A negated pattern that does match has no captures. */
  match(text: string): readonly string[] | undefined
}

const none: readonly string[] = []
let isPrepared = false

/**
 * Compiles a pattern. Its matching time never grows exponentially with the request: V8 goes over to an engine that
 * needs linear time when there was too much backtracking. It cannot do so with look-around, back references and counts
 * above 16; such a pattern is taken only if it has hardly anything to backtrack.
 */
export function compilePattern(settings: PatternSettings): Result<Pattern, PatternFault> {
  const { text, syntax, ignoreCase, negate } = settings
  if (syntax === 'ExactMatch') return ok(exactPattern(settings))
  const source = syntax === 'Wildcard' ? wildcardSource(text) : text
  const expression = compile(ignoreCase ? foldCase(source) : source)
  if (!expression.ok) return expression
  const compiled = expression.value
  return ok({
    match(input) {
      const found = compiled.exec(input)
      if (negate) return found === null ? none : undefined
      return found === null ? undefined : Array.from(found, (capture: string | undefined) => capture ?? '')
    },
  })
}

/** The pattern of a fixed text, which may not match. */
function exactPattern({ text, ignoreCase, negate }: PatternSettings): Pattern {
  const wanted = ignoreCase ? text.toLowerCase() : text
  return {
    match(input) {
      const matches = (ignoreCase ? input.toLowerCase() : input) === wanted
      if (matches === negate) return undefined
      return negate ? none : [input]
    },
  }
}

/** `*` captures any text, everything else is itself; the whole text has to match. */
function wildcardSource(text: string): string {
  const parts = text.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`))
  return `^${parts.map((part) => part.replaceAll(String.raw`\?`, '.')).join('(.*)')}$`
}

function compile(source: string): Result<RegExp, PatternFault> {
  prepareEngine()
  let compiled: RegExp
  try {
    compiled = new RegExp(source)
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: \/.*\/: /s, '')
    return failed({ why: 'malformed', reason })
  }
  return isLinear(source) || isHarmless(source) ? ok(compiled) : failed({ why: 'may-take-exponential-time' })
}

function prepareEngine(): void {
  if (isPrepared) return
  isPrepared = true
  setFlagsFromString('--enable-experimental-regexp-engine')
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
}

/** Whether V8's other engine can take over: then it compiles with V8's own flag `l`. */
function isLinear(source: string): boolean {
  try {
    new RegExp(source, 'l')
    return true
  } catch {
    return false
  }
}

/**
 * Whether a pattern has so little to backtrack that its time grows with the length of the text only: one repetition
 * without limit, or none if a match may begin anywhere, and no repetition within another.
 */
function isHarmless(source: string): boolean {
  const pieces = piecesOf(source)
  let unlimited = pieces[0]?.text === '^' && !pieces.some(({ text }) => text === '|') ? 0 : 1
  const open: { repeats: boolean }[] = []
  let closed: { repeats: boolean } | undefined
  for (const { kind, text, most = 1 } of pieces) {
    if (/^\\(?:[1-9]|k<)/.test(text)) return false
    if (kind === 'open') open.push({ repeats: false })
    if (kind === 'quantifier') {
      if (most === Number.POSITIVE_INFINITY) unlimited++
      if (most > 1 && (closed?.repeats === true || most > 1_000 !== (most === Number.POSITIVE_INFINITY))) return false
      for (const group of open) group.repeats ||= most > 1
    }
    closed = kind === 'close' ? open.pop() : undefined
    if (closed?.repeats === true) for (const group of open) group.repeats = true
  }
  return unlimited <= 1
}

/** How a pattern is written in messages. */
export function patternName(syntax: PatternSyntax): string {
  return syntax === 'ECMAScript' ? 'regular expression' : 'pattern'
}
