import { parseArgs } from 'node:util'
import { failed, ok, type Result } from '../platform/result.ts'
import { nearest } from '../platform/nearest.ts'

/** One option of a verb, as it is shown in the help and read from the command line. */
export interface OptionSpec {
  /** Without the hyphens. */
  readonly name: string
  /** One letter, for `-f`. */
  readonly short?: string
  /** The placeholder for the value in the help; undefined for an option without a value. */
  readonly value: string | undefined
  readonly summary: string
  /** May be given several times. */
  readonly repeats?: boolean
  /** Set for an option that this version refuses: the error message after `option --name`. */
  readonly later?: string
}

export interface ParsedOptions {
  readonly positionals: readonly string[]
  has(name: string): boolean
  /** The last value given; undefined when the option was not given. */
  value(name: string): string | undefined
  /** All options with a value, in the order in which they were given. */
  readonly inOrder: readonly { readonly name: string; readonly value: string }[]
  /** All values given, in their order. */
  values(name: string): readonly string[]
}

/** A usage mistake, as a sentence for the person who typed it. */
export interface UsageError {
  readonly message: string
}

/** Reads a verb's options strictly: fails for an unknown option, a missing value or too many positional arguments. */
export function readOptions(
  args: readonly string[],
  specs: readonly OptionSpec[],
  maxPositionals: number,
): Result<ParsedOptions, UsageError> {
  const known = new Map(specs.map((spec) => [spec.name, spec]))
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      specs.map(({ name, value, short }) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', multiple: true, ...(short && { short }) } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<string, string[]>()
  const positionals: string[] = []
  const inOrder: { name: string; value: string }[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const spec = known.get(token.name)
    if (spec === undefined) return failed({ message: unknownOption(token.rawName, [...known.keys()]) })
    if (spec.later !== undefined) return failed({ message: `option --${spec.name} ${spec.later}` })
    if (spec.value === undefined && token.value !== undefined)
      return failed({ message: `option --${spec.name} takes no value` })
    if (spec.value !== undefined && (token.value === undefined || token.value === '')) {
      return failed({ message: `option --${spec.name} needs a value: --${spec.name} ${spec.value}` })
    }
    const values = given.get(spec.name) ?? []
    if (values.length > 0 && spec.repeats !== true) return failed({ message: `option --${spec.name} is given twice` })
    given.set(spec.name, [...values, token.value ?? ''])
    if (token.value !== undefined) inOrder.push({ name: spec.name, value: token.value })
  }
  const extra = positionals[maxPositionals]
  if (extra !== undefined) return failed({ message: `unexpected argument '${extra}'` })
  return ok({
    positionals,
    has: (name) => given.has(name),
    value: (name) => given.get(name)?.at(-1),
    inOrder,
    values: (name) => given.get(name) ?? [],
  })
}

function unknownOption(rawName: string, known: readonly string[]): string {
  const meant = nearest(rawName.replace(/^-+/, ''), known)
  return `unknown option ${rawName}${meant === undefined ? '' : `; did you mean --${meant}?`}`
}

/** The lines of the help: options on the left, summaries on the right. */
export function optionLines(specs: readonly OptionSpec[]): readonly string[] {
  const left = specs.map(({ name, short, value }) => {
    return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
  })
  const width = Math.max(...left.map((text) => text.length))
  return specs.map((spec, i) => {
    const note = spec.later === undefined ? '' : ' (not in this version)'
    return `  ${(left[i] as string).padEnd(width)}  ${spec.summary}${note}`
  })
}

/** Reads a whole number from `least` to `most`. */
export function wholeNumber(name: string, text: string, least: number, most: number): Result<number, UsageError> {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return ok(value)
  return failed({
    message: `option --${name} takes a whole number from ${String(least)} to ${String(most)}, not '${text}'`,
  })
}

/** Reads one of `words`. */
export function oneOf<T extends string>(name: string, text: string, words: readonly T[]): Result<T, UsageError> {
  const found = words.find((word) => word === text)
  return found === undefined
    ? failed({ message: `option --${name} takes ${words.join(' or ')}, not '${text}'` })
    : ok(found)
}
