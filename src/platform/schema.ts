import * as z from 'zod'
import { failed, ok, type Result } from './result.ts'

/** Why a value was refused: not of its kind at all, or outside of the limits. */
export type ValueRefusal = 'malformed' | 'out-of-range'

/** A kind of value that is written as text: its parser, and a phrase for messages that says what may be written. */
export interface Kind<T> {
  /** Completes "Write …", for example `a whole number from 0 to 3600`. */
  readonly allowed: string
  /** What may be written, as far as XML Schema 1.0 can say it. */
  readonly form: TextForm
  read(written: string): Result<T, ValueRefusal>
  /** A text that read() turns into this value. */
  text(value: T): string
}

/** The texts that a kind takes, for the schema that editors use. It may take more than the kind, but never less. */
export interface TextForm {
  /** Whole numbers, both limits included. */
  readonly numbers?: { readonly min: number; readonly max: number }
  /** What an editor offers. */
  readonly words?: readonly string[]
  /**
   * A regular expression of XML Schema, which always has to match the whole text. Beside `words`: what else is taken.
   * Without words and without a pattern every text is taken.
   */
  readonly pattern?: string
}

export interface Range {
  readonly min: number
  readonly max: number
  /** What the number counts, for messages, such as `seconds`. */
  readonly unit?: string
}

/** Any text, also an empty one. */
export function string(): Kind<string> {
  return kind('text', z.string(), {})
}

/**
 * A text that is not blank; `what` describes it for messages.
 *
 * @param offered what editors offer; other texts are taken too
 */
export function nonEmpty(what: string, offered?: readonly string[]): Kind<string> {
  return kind(
    what,
    z.string().refine((written) => written.trim() !== ''),
    { ...(offered !== undefined && { words: offered }), pattern: '[\\s\\S]*\\S[\\s\\S]*' },
  )
}

/** A text of which `isGood` says whether it is one; `allowed` describes it for messages, `pattern` roughly in a schema. */
export function matching(allowed: string, isGood: (written: string) => boolean, pattern: string): Kind<string> {
  return kind(allowed, z.string().refine(isGood), { pattern })
}

/** `true` or `false` in any letter case, as in IIS. */
export function bool(): Kind<boolean> {
  const words = z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false']))
  return kind(
    'true or false',
    words.transform((word) => word === 'true'),
    formOfWords(['true', 'false']),
  )
}

/** A whole number in decimal digits, both limits included. */
export function uint(range: Range): Kind<number> {
  const { min, max, unit } = range
  const digits = z.string().regex(/^-?[0-9]+$/)
  return kind(
    `a whole number from ${String(min)} to ${String(max)}${unit === undefined ? '' : ` (${unit})`}`,
    digits.transform(Number).pipe(z.number().min(min).max(max)),
    { numbers: { min, max } },
  )
}

/**
 * IIS's timeSpan, `hh:mm:ss` or `d.hh:mm:ss`; the value is in milliseconds, the limits are in seconds. Minutes and
 * seconds go up to 59. Without days the hours may exceed 23, as in IIS's own ranges (`360:00:00`).
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
    { pattern: '([0-9]{1,5}\\.([01]?[0-9]|2[0-3])|[0-9]{1,5}):[0-5]?[0-9]:[0-5]?[0-9]' },
    (ms) => clockText(ms / 1000),
  )
}

/** One of the words, in any letter case; the value is the word as given here. An empty word stands for "not chosen". */
export function choice<const W extends string>(words: readonly W[]): Kind<W> {
  return kind(
    words.filter((word) => word !== '').join(' or '),
    z.string().transform((written, context): W => {
      const found = words.find((word) => word.toLowerCase() === written.toLowerCase())
      if (found !== undefined) return found
      context.addIssue({ code: 'custom', message: 'not one of the words' })
      return z.NEVER
    }),
    formOfWords(words),
  )
}

/** Words separated by commas; blanks around them and empty words are ignored, but at least one word is needed. */
export function list(allowed: string): Kind<readonly string[]> {
  const words = z.string().transform((written) => written.split(',').map((word) => word.trim()))
  return kind(
    allowed,
    words.transform((found) => found.filter((word) => word !== '')).pipe(z.array(z.string()).min(1)),
    { pattern: '[\\s\\S]*[^,\\s][\\s\\S]*' },
    (found) => found.join(','),
  )
}

/**
 * Some of the words, separated by commas, in any letter case, each as it is given here and once. `none` alone, or an
 * empty text, stands for none of them.
 */
export function flags<const W extends string>(words: readonly W[], none: string): Kind<readonly W[]> {
  return kind(
    `${none}, or one or several of ${words.join(', ')}, separated by commas`,
    z.string().transform((written, context): readonly W[] => {
      const parts = written.split(',').map((part) => part.trim().toLowerCase())
      if (parts.length === 1 && ['', none.toLowerCase()].includes(parts[0] as string)) return []
      const found = words.filter((word) => parts.includes(word.toLowerCase()))
      const areKnown = parts.every((part) => words.some((word) => word.toLowerCase() === part))
      if (areKnown) return found
      context.addIssue({ code: 'custom', message: 'not one of the words' })
      return z.NEVER
    }),
    formOfFlags(words, none),
    (found) => (found.length === 0 ? none : found.join(', ')),
  )
}

/** @param text default: the value is written as it is printed */
function kind<T>(
  allowed: string,
  schema: z.ZodType<T, string>,
  form: TextForm,
  text: (value: T) => string = String,
): Kind<T> {
  return Object.freeze({
    allowed,
    form,
    text,
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

function formOfWords(words: readonly string[]): TextForm {
  return { words, pattern: words.map(inAnyCase).join('|') }
}

function formOfFlags(words: readonly string[], none: string): TextForm {
  const blank = '\\s*'
  const word = `(${words.map(inAnyCase).join('|')})`
  const some = `${blank}${word}${blank}(,${blank}${word}${blank})*`
  return { words: [none, ...words], pattern: `${some}|${blank}(${inAnyCase(none)})?${blank}` }
}

/** A pattern for the word in any letter case. */
function inAnyCase(word: string): string {
  const letters = [...word].map((letter) => {
    const [lower, upper] = [letter.toLowerCase(), letter.toUpperCase()]
    return lower === upper ? letter.replace(/[.\\?*+{}()[\]|^$]/, '\\$&') : `[${lower}${upper}]`
  })
  return letters.join('')
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
