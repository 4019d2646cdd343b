import type { Problems } from '../../../config/problems.ts'
import {
  applicationCure,
  isFalse,
  isTrue,
  type LostFeature,
  lostByName,
  reportLostFeature,
} from '../../../config/sections/lost-features.ts'
import { childrenNamed, checkText, type Kinds, readAttributes } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { uint } from '../../../platform/schema.ts'

export interface RequestLimits {
  /** Bytes; requestLimits@maxAllowedContentLength. */
  readonly maxAllowedContentLength: number
}

/** Bytes of a request body where nothing else is written (IIS's own default). */
const defaultMaxAllowedContentLength = 30_000_000

const limitKinds: Kinds<{ maxAllowedContentLength: number; maxUrl: number; maxQueryString: number }> = {
  maxAllowedContentLength: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
  maxUrl: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
  maxQueryString: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
}

/** `<security><requestFiltering>`, outermost file first: only the limit of the body is honoured, the rest is named: filters in warnings. */
export function readRequestLimits(requestFiltering: readonly XmlElement[], problems: Problems): RequestLimits {
  let maxAllowedContentLength = defaultMaxAllowedContentLength
  for (const element of requestFiltering) {
    checkText(element, problems)
    for (const limits of childrenNamed([element], 'requestLimits')) {
      const written = readAttributes(limits, limitKinds, problems)
      maxAllowedContentLength = written.maxAllowedContentLength?.value ?? maxAllowedContentLength
    }
    reportRest(element, problems)
  }
  return { maxAllowedContentLength }
}

/** Filters that refuse nothing are no loss: the ones that only allow, or take something away from what IIS has by itself. */
function lostFilters(element: XmlElement): readonly LostFeature[] {
  const within = (name: string): readonly XmlElement[] => childrenNamed([element], name)
  const limits = within('requestLimits')
  const adds = (containers: readonly XmlElement[]): readonly XmlElement[] => childrenNamed(containers, 'add')
  const refused = (entry: XmlElement): boolean => !isTrue(entry, 'allowed')
  const listed = (name: string, attribute: string): readonly LostFeature[] => {
    const closed = within(name).filter((list) => isFalse(list, 'allowUnlisted'))
    const allowed = adds(closed).filter((entry) => !refused(entry))
    return [
      ...lostByName(`${name} that are refused`, adds(within(name)).filter(refused), attribute, true),
      // A closed list without an entry has no name but its own.
      ...lostByName(`${name} that alone are allowed`, allowed.length === 0 ? closed : allowed, attribute, true),
    ]
  }
  return [
    ...listed('verbs', 'verb'),
    ...listed('fileExtensions', 'fileExtension'),
    ...lostByName('hiddenSegments', adds(within('hiddenSegments')), 'segment', true),
    ...lostByName('denyUrlSequences', adds(within('denyUrlSequences')), 'sequence', true),
    ...lostByName('denyQueryStringSequences', adds(within('denyQueryStringSequences')), 'sequence', true),
    ...lostByName('filteringRules', childrenNamed(within('filteringRules'), 'filteringRule'), 'name', true),
    ...lostByName('headerLimits', adds(childrenNamed(limits, 'headerLimits')), 'header', true),
  ]
}

function reportRest(element: XmlElement, problems: Problems): void {
  for (const lost of lostFilters(element)) reportLostFeature('<requestFiltering>', lost, problems)
  const limits = childrenNamed([element], 'requestLimits')
  const names = [
    ...element.children.map(({ name }) => name).filter((name) => !understood.includes(name)),
    ...[...element.attributes.keys()].filter(
      (name) => !loosens.some((loose) => loose === name && isTrue(element, name)),
    ),
    ...limits.flatMap((limit) =>
      [...limit.attributes.keys()].filter((name) => name.startsWith('maxUrl') || name.startsWith('maxQ')),
    ),
  ]
  if (names.length === 0) return
  const text = `requestFiltering: ${[...new Set(names)].join(', ')} ${names.length === 1 ? 'is' : 'are'} not honoured.`
  problems.notice(element.at, text, applicationCure)
}

const understood = [
  'requestLimits',
  'verbs',
  'fileExtensions',
  'hiddenSegments',
  'denyUrlSequences',
  'denyQueryStringSequences',
  'filteringRules',
  'alwaysAllowedUrls',
  'alwaysAllowedQueryStrings',
]

/** With `true` these only let through what IIS would refuse by itself, and nothing here does. */
const loosens = ['allowDoubleEscaping', 'allowHighBitCharacters']
