import * as z from 'zod'
import { failed, ok, type Result } from './result.ts'

/** Why a written value was refused: not of the kind at all, or of the kind but outside its limits. */
export type ValueRefusal = 'malformed' | 'out-of-range'

/** One kind of value that is written as text: how to read it, and what may be written, as a phrase for messages. */
export interface Kind<T> {
  /** Completes "Write …", for example `a whole number from 0 to 3600`. */
  readonly allowed: string
  read(written: string): Result<T, ValueRefusal>
}

export interface Range {
  readonly min: number
  readonly max: number
  /** What is counted, for messages: `seconds`. */
  readonly unit?: string
}

/** Any text, also none. */
export function string(): Kind<string> {
  return kind('text', z.string())
}

/** A text that is not blank; `what` says what it is. */
export function nonEmpty(what: string): Kind<string> {
  return kind(
    what,
    z.string().refine((written) => written.trim() !== ''),
  )
}

/** `true` or `false`, in any letter case, as IIS takes them; nothing else. */
export function bool(): Kind<boolean> {
  const words = z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false']))
  return kind(
    'true or false',
    words.transform((word) => word === 'true'),
  )
}

/** Decimal digits, both limits included. */
export function uint(range: Range): Kind<number> {
  const { min, max, unit } = range
  const digits = z.string().regex(/^-?[0-9]+$/)
  return kind(
    `a whole number from ${String(min)} to ${String(max)}${unit === undefined ? '' : ` (${unit})`}`,
    digits.transform(Number).pipe(z.number().min(min).max(max)),
  )
}

/**
 * IIS's timeSpan, `hh:mm:ss` or `d.hh:mm:ss`, in whole seconds; becomes milliseconds. Minutes and seconds stop at 59; the hours
 * may pass 23 where no days are written, because IIS's own ranges are given so (`360:00:00`). Limits are seconds.
 */
export function timeSpan(range: { readonly min: number; readonly max: number }): Kind<number> {
  const form = z.string().regex(/^(?:[0-9]{1,5}\.(?:[01]?[0-9]|2[0-3])|[0-9]{1,5}):[0-5]?[0-9]:[0-5]?[0-9]$/)
  return kind(
    `hh:mm:ss from ${clockText(range.min)} to ${clockText(range.max)}, with minutes and seconds up to 59`,
    form.transform(secondsOf).pipe(
      z
        .number()
        .min(range.min)
        .max(range.max)
        .transform((seconds) => seconds * 1000),
    ),
  )
}

/** One of the words, in any letter case; becomes the word as given here. The empty word, if given, stands for "not chosen". */
export function choice<const W extends string>(words: readonly W[]): Kind<W> {
  return kind(
    words.filter((word) => word !== '').join(' or '),
    z.string().transform((written, context): W => {
      const found = words.find((word) => word.toLowerCase() === written.toLowerCase())
      if (found !== undefined) return found
      context.addIssue({ code: 'custom', message: 'not one of the words' })
      return z.NEVER
    }),
  )
}

/** Words between commas, blanks around them ignored; empty words are left out, and nothing at all is refused. */
export function list(allowed: string): Kind<readonly string[]> {
  const words = z.string().transform((written) => written.split(',').map((word) => word.trim()))
  return kind(allowed, words.transform((found) => found.filter((word) => word !== '')).pipe(z.array(z.string()).min(1)))
}

function kind<T>(allowed: string, schema: z.ZodType<T, string>): Kind<T> {
  return Object.freeze({
    allowed,
    read(written: string): Result<T, ValueRefusal> {
      const read = schema.safeParse(written)
      if (read.success) return ok(read.data)
      const limits = read.error.issues.some(({ code, origin }: { code: string; origin?: unknown }) => {
        return (code === 'too_small' || code === 'too_big') && origin === 'number'
      })
      return failed(limits ? 'out-of-range' : 'malformed')
    },
  })
}

function secondsOf(written: string): number {
  const [left = '', minutes = '', seconds = ''] = written.split(':')
  const [first = '', second] = left.split('.')
  const hours = second === undefined ? Number(first) : Number(first) * 24 + Number(second)
  return hours * 3600 + Number(minutes) * 60 + Number(seconds)
}

function clockText(seconds: number): string {
  const part = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${part(seconds / 3600)}:${part((seconds / 60) % 60)}:${part(seconds % 60)}`
}
