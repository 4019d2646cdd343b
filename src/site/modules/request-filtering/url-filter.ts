import type { ModuleRefusal } from '../../../http/refusals.ts'
import type { GateAnswer } from '../module.ts'
import type { NameFilter, RequestFilteringSettings } from './settings.ts'
import { requestFilteringDefaults } from './settings.ts'
import {
  extensionOf,
  isAscii,
  mayHaveBackslash,
  pathSpellings,
  pathWithBackslashes,
  segmentSpellings,
} from './spellings.ts'

/** Refuses a request by its path: `target` as it was sent, `path` decoded once. */
export type UrlFilter = (target: string, path: string) => GateAnswer | undefined

/** Refuses a path in one of its spellings, which is in lower case. */
type PathCheck = (spelling: string) => GateAnswer | undefined

/**
 * The filters of the path, in IIS's order: double escapes, characters outside of ASCII, sequences, segments, extension.
 * Nearly every path can be told to be harmless by one look, with a pattern that is made when the configuration is
 * read. Only the others are examined closely, in every spelling.
 */
export function createUrlFilter(settings: RequestFilteringSettings): UrlFilter {
  const { hiddenSegments = requestFilteringDefaults.hiddenSegments, denyUrlSequences = [], fileExtensions } = settings
  const isHarmless = createHarmlessTest(settings)
  const allowed = new Set(settings.alwaysAllowedUrls ?? [])
  const checkSequences = createSequenceCheck(denyUrlSequences, 'denyUrlSequences', 'url-sequence-denied')
  // Every other filter reads a backslash as a slash.
  const deniesBackslash = denyUrlSequences.some((sequence) => sequence.includes('\\'))
  const checkSegments = createSegmentCheck(hiddenSegments)
  const checkExtension = fileExtensions === undefined ? undefined : createExtensionCheck(fileExtensions)
  const checks: PathCheck[] = [checkSegments, ...(checkExtension === undefined ? [] : [checkExtension])]
  return (target, path) => {
    const asWritten = deniesBackslash && mayHaveBackslash(target) ? [pathWithBackslashes(target)] : []
    if (asWritten.length === 0 && isHarmless(path)) return undefined
    const spellings = pathSpellings(target, path)
    if (settings.allowDoubleEscaping !== true && spellings.some(isDoubleEscaped)) return doubleEscaped
    if (settings.allowHighBitCharacters === false && !isAscii(path)) return highBit
    if (!allowed.has(spellings[0] as string)) {
      const refused = firstOf([...spellings, ...asWritten], checkSequences)
      if (refused !== undefined) return refused
    }
    for (const check of checks) {
      const refused = firstOf(spellings, check)
      if (refused !== undefined) return refused
    }
    return undefined
  }
}

/** The check for texts that may occur nowhere in `spelling`. */
export function createSequenceCheck(sequences: readonly string[], list: string, kind: ModuleRefusal): PathCheck {
  const answers = sequences.map((sequence) => [sequence, answer(kind, `<${list}> "${sequence}"`)] as const)
  return (spelling) => answers.find(([sequence]) => spelling.includes(sequence))?.[1]
}

/** Whether a path that has been decoded once has something left to decode; IIS decodes `+` the second time. */
function isDoubleEscaped(path: string): boolean {
  return /\+|%(?:[0-9a-f]{2}|u[0-9a-f]{4})/i.test(path)
}

function createSegmentCheck(hidden: readonly string[]): PathCheck {
  const answers = new Map(hidden.map((name) => [name, answer('hidden-segment', `<hiddenSegments> "${name}"`)]))
  if (answers.size === 0) return () => undefined
  return (spelling) => {
    for (const segment of spelling.split('/')) {
      const found = answers.get(segment)
      if (found !== undefined) return found
      for (const name of segmentSpellings(segment)) {
        const meant = answers.get(name)
        if (meant !== undefined) return meant
      }
    }
    return undefined
  }
}

function createExtensionCheck(filter: NameFilter): PathCheck {
  const isAllowed = allowedBy(filter)
  return (spelling) => {
    const last = spelling.slice(spelling.lastIndexOf('/') + 1)
    for (const name of segmentSpellings(last)) {
      const extension = extensionOf(name)
      if (!isAllowed(extension)) return answer('extension-denied', `<fileExtensions> "${extension}"`)
    }
    return undefined
  }
}

/** Whether a name passes the filter. */
export function allowedBy({ allowUnlisted, allowed, denied }: NameFilter): (name: string) => boolean {
  const listed = new Set(allowUnlisted ? denied : allowed)
  return (name) => listed.has(name) !== allowUnlisted
}

export function answer(kind: ModuleRefusal, setting: string): GateAnswer {
  return Object.freeze({ failure: { kind }, setting })
}

const doubleEscaped = answer('double-escaped', 'allowDoubleEscaping="false"')
const highBit = answer('high-bit-character', 'allowHighBitCharacters="false"')

function firstOf(spellings: readonly string[], check: PathCheck): GateAnswer | undefined {
  for (const spelling of spellings) {
    const refused = check(spelling)
    if (refused !== undefined) return refused
  }
  return undefined
}

/**
 * Tells the paths that no filter can refuse from those that have to be examined: each that is not plain ASCII, that
 * could be double escaped, or that contains a segment, a sequence or an extension of the lists. Where only those that
 * are listed are allowed, every path is examined.
 */
function createHarmlessTest(settings: RequestFilteringSettings): (path: string) => boolean {
  const { hiddenSegments = requestFilteringDefaults.hiddenSegments, denyUrlSequences = [], fileExtensions } = settings
  const extensions = fileExtensions?.denied ?? []
  // A path without an extension has no text by which it could be found.
  if (fileExtensions?.allowUnlisted === false || extensions.includes('.')) return () => false
  const pattern = new RegExp(
    [
      '[^\\x20-\\x7e]',
      ...(settings.allowDoubleEscaping === true ? [] : ['[+%]']),
      ...hiddenSegments.map((name) => `/${literal(name)}`),
      ...[...denyUrlSequences, ...extensions].map(literal),
      ...(denyUrlSequences.some((sequence) => sequence.includes('/')) ? ['//'] : []),
    ].join('|'),
    'i',
  )
  const isListed = (path: string): boolean => !pattern.test(path)
  if (denyUrlSequences.length > 0 || extensions.length > 0) return isListed
  return createQuickTest(settings.allowDoubleEscaping === true, hiddenSegments, isListed)
}

/** Asks `otherwise` only for a path with an unusual character, or a segment that begins as a hidden one does. */
function createQuickTest(
  takesEscapes: boolean,
  hiddenSegments: readonly string[],
  otherwise: (path: string) => boolean,
): (path: string) => boolean {
  const isUsual = new Uint8Array(128).fill(1, 0x21, 0x7f)
  if (!takesEscapes) for (const c of '+%') isUsual[c.charCodeAt(0)] = 0
  const beginsHidden = new Uint8Array(128)
  for (const [first = ''] of hiddenSegments) {
    for (const c of [first.toLowerCase(), first.toUpperCase()]) if (c.length === 1) beginsHidden[c.charCodeAt(0)] = 1
  }
  return (path) => {
    let before = 0
    for (let i = 0; i < path.length; i++) {
      const c = path.charCodeAt(i)
      // Beyond the table there is undefined.
      if (isUsual[c] !== 1 || (before === SLASH && beginsHidden[c] === 1)) return otherwise(path)
      before = c
    }
    return true
  }
}

const SLASH = 0x2f

function literal(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, '\\$&')
}
