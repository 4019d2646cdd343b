import type { Problems } from '../../../config/problems.ts'
import { applicationCure } from '../../../config/sections/unhonoured-sections.ts'
import {
  isFalse,
  isTrue,
  type LostFeature,
  lostByName,
  reportLostFeature,
} from '../../../config/sections/lost-features.ts'
import { type AnyShape, childrenNamed, checkText, openElement, readAttributes } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { uint } from '../../../platform/schema.ts'

export interface RequestLimits {
  /** The attribute maxAllowedContentLength of `<requestLimits>`, in bytes. */
  readonly maxAllowedContentLength: number
}

const limitsShape = {
  kinds: {
    maxAllowedContentLength: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
    maxUrl: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
    maxQueryString: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
  },
  defaults: { maxAllowedContentLength: 30_000_000 },
  children: { headerLimits: openElement },
} satisfies AnyShape

/** `<requestFiltering>`. */
export const requestFilteringShape = {
  kinds: {},
  isOpen: true,
  children: { requestLimits: limitsShape },
} satisfies AnyShape

/**
 * Reads the `<security><requestFiltering>` elements, outermost file first. Only the limit of the body is honoured;
 * filters are reported in warnings, everything else in notices.
 */
export function readRequestLimits(requestFiltering: readonly XmlElement[], problems: Problems): RequestLimits {
  let maxAllowedContentLength: number = limitsShape.defaults.maxAllowedContentLength
  for (const element of requestFiltering) {
    checkText(element, problems)
    for (const limits of childrenNamed([element], 'requestLimits')) {
      const written = readAttributes(limits, limitsShape.kinds, problems)
      maxAllowedContentLength = written.maxAllowedContentLength?.value ?? maxAllowedContentLength
    }
    reportNotHonoured(element, problems)
  }
  return { maxAllowedContentLength }
}

/**
 * The filters that are lost, which are those that refuse requests; an entry that only allows something or removes a
 * filter is not among them.
 */
function lostFilters(element: XmlElement): readonly LostFeature[] {
  const within = (name: string): readonly XmlElement[] => childrenNamed([element], name)
  const limits = within('requestLimits')
  const adds = (containers: readonly XmlElement[]): readonly XmlElement[] => childrenNamed(containers, 'add')
  const isRefused = (entry: XmlElement): boolean => !isTrue(entry, 'allowed')
  const lostInList = (name: string, attribute: string): readonly LostFeature[] => {
    const closed = within(name).filter((list) => isFalse(list, 'allowUnlisted'))
    const allowed = adds(closed).filter((entry) => !isRefused(entry))
    return [
      ...lostByName(`${name} that are refused`, adds(within(name)).filter(isRefused), attribute, true),
      // A list that allows nothing has no entry to name, so its own element is named.
      ...lostByName(`${name} that alone are allowed`, allowed.length === 0 ? closed : allowed, attribute, true),
    ]
  }
  return [
    ...lostInList('verbs', 'verb'),
    ...lostInList('fileExtensions', 'fileExtension'),
    ...lostByName('hiddenSegments', adds(within('hiddenSegments')), 'segment', true),
    ...lostByName('denyUrlSequences', adds(within('denyUrlSequences')), 'sequence', true),
    ...lostByName('denyQueryStringSequences', adds(within('denyQueryStringSequences')), 'sequence', true),
    ...lostByName('filteringRules', childrenNamed(within('filteringRules'), 'filteringRule'), 'name', true),
    ...lostByName('headerLimits', adds(childrenNamed(limits, 'headerLimits')), 'header', true),
  ]
}

function reportNotHonoured(element: XmlElement, problems: Problems): void {
  for (const lost of lostFilters(element)) reportLostFeature('<requestFiltering>', lost, problems)
  const limits = childrenNamed([element], 'requestLimits')
  const names = [
    ...element.children.map(({ name }) => name).filter((name) => !reviewedElements.includes(name)),
    ...[...element.attributes.keys()].filter(
      (name) => !looseningAttributes.some((loose) => loose === name && isTrue(element, name)),
    ),
    ...limits.flatMap((limit) =>
      [...limit.attributes.keys()].filter((name) => name.startsWith('maxUrl') || name.startsWith('maxQ')),
    ),
  ]
  if (names.length === 0) return
  const text = `requestFiltering: ${[...new Set(names)].join(', ')} ${names.length === 1 ? 'is' : 'are'} not honoured.`
  problems.notice(element.at, text, applicationCure)
}

const reviewedElements = [
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

/** Attributes that, when `true`, only let through requests that IIS would refuse and ancmd does not. */
const looseningAttributes = ['allowDoubleEscaping', 'allowHighBitCharacters']
