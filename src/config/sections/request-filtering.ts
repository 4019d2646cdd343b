import { uint } from '../../platform/schema.ts'
import { childrenNamed, checkText, type Kinds, readAttributes } from '../element.ts'
import type { RequestLimits } from '../model.ts'
import type { Problems } from '../problems.ts'
import type { XmlElement } from '../xml.ts'
import { applicationCure } from './not-honoured.ts'

/** Bytes of a request body where nothing else is written (IIS's own default). */
const defaultMaxAllowedContentLength = 30_000_000

const limitKinds: Kinds<{ maxAllowedContentLength: number; maxUrl: number; maxQueryString: number }> = {
  maxAllowedContentLength: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
  maxUrl: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
  maxQueryString: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
}

/** `<security><requestFiltering>`, outermost file first: only the limit of the body is honoured, the rest is named in a notice. */
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

function reportRest(element: XmlElement, problems: Problems): void {
  const limits = childrenNamed([element], 'requestLimits')
  const names = [
    ...element.attributes.keys(),
    ...limits.flatMap((limit) =>
      [...limit.attributes.keys()].filter((name) => name.startsWith('maxUrl') || name.startsWith('maxQ')),
    ),
    ...limits.flatMap((limit) => limit.children.map(({ name }) => name)),
    ...element.children.map(({ name }) => name).filter((name) => name !== 'requestLimits'),
  ]
  if (names.length === 0) return
  const text = `requestFiltering: ${[...new Set(names)].join(', ')} ${names.length === 1 ? 'is' : 'are'} not honoured.`
  problems.notice(element.at, text, applicationCure)
}
