import { isAbsolute, join, relative } from 'node:path'
import { fillTemplate, isDecoded, type TemplateValues } from './fill-template.ts'
import type { Pattern } from './pattern.ts'
import type { Template } from './template.ts'

/** A question to the file system, which a rule waits for. */
export interface FileQuestion {
  readonly path: string
  readonly kind: 'IsFile' | 'IsDirectory'
}

/** A computation that may ask the file system, and gets each answer by next(). */
export type Asking<Outcome> = Generator<FileQuestion, Outcome, boolean>

export interface Condition {
  readonly input: Template
  readonly test: 'IsFile' | 'IsDirectory' | Pattern
  readonly negate: boolean
}

export interface Conditions {
  readonly isAny: boolean
  readonly tracksAllCaptures: boolean
  readonly list: readonly Condition[]
}

/** What conditions have captured: what `{C:n}` stands for. */
export interface ConditionCaptures {
  readonly captures: readonly string[]
  /** Whether they come from a text in which percent escapes are decoded. */
  readonly areDecoded: boolean
}

const noCaptures: ConditionCaptures = { captures: [], areDecoded: false }

/**
 * Undefined: the conditions are not met.
 *
 * @param values what templates stand for before the first condition
 * @param physicalPath the application's folder; files outside of it are never found
 */
export function* meets(
  { list, isAny, tracksAllCaptures }: Conditions,
  values: TemplateValues,
  physicalPath: string,
): Asking<ConditionCaptures | undefined> {
  let captured = noCaptures
  for (const { input, test, negate } of list) {
    const now = { ...values, conditionCaptures: captured.captures, areConditionsDecoded: captured.areDecoded }
    const text = fillTemplate(input, now)
    let captures: readonly string[] | undefined
    if (typeof test === 'object') captures = test.match(text)
    else if ((yield* isThere(test, text, physicalPath)) !== negate) captures = []
    if (captures !== undefined && captures.length > 0) {
      const areDecoded = input.some((part) => isDecoded(part, now))
      captured =
        tracksAllCaptures && captured.captures.length > 0
          ? {
              captures: [...captured.captures, ...captures.slice(1)],
              areDecoded: captured.areDecoded || areDecoded,
            }
          : { captures, areDecoded }
    }
    if (isAny && captures !== undefined) return captured
    if (!isAny && captures === undefined) return undefined
  }
  return isAny && list.length > 0 ? undefined : captured
}

function* isThere(kind: FileQuestion['kind'], text: string, physicalPath: string): Asking<boolean> {
  const written = text.replaceAll('\\', '/')
  if (written.includes('\0')) return false
  const path = join(isAbsolute(written) ? '/' : physicalPath, written)
  const below = relative(physicalPath, path)
  if (below === '..' || below.startsWith('../') || isAbsolute(below)) return false
  return yield { path, kind }
}
