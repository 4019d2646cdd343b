import type { Problems } from '../../../config/problems.ts'
import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import { type AnyShape, childrenNamed, readShaped } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { nonEmpty, uint } from '../../../platform/schema.ts'
import { type HeaderLimit, requestFilteringDefaults, type RequestLimits } from './settings.ts'

type LimitAttributes = Required<Pick<RequestLimits, 'maxAllowedContentLength' | 'maxUrl' | 'maxQueryString'>>

const bytes = uint({ min: 0, max: 4_294_967_295, unit: 'bytes' })

const headerLimits: CollectionTable<HeaderLimit> = {
  what: 'header limit',
  kinds: { header: nonEmpty('the name of a header field'), sizeLimit: bytes },
  required: ['header', 'sizeLimit'],
  key: ['header'],
}

/** `<requestLimits>`. */
export const requestLimitsShape = {
  kinds: { maxAllowedContentLength: bytes, maxUrl: bytes, maxQueryString: bytes },
  defaults: {
    maxAllowedContentLength: requestFilteringDefaults.maxAllowedContentLength,
    maxUrl: requestFilteringDefaults.maxUrl,
    maxQueryString: requestFilteringDefaults.maxQueryString,
  },
  children: { headerLimits: collectionShape(headerLimits) },
} satisfies AnyShape

/** Reads the `<requestLimits>` elements, outermost file first; the nearest attribute counts. */
export function readRequestLimits(elements: readonly XmlElement[], problems: Problems): RequestLimits {
  const limits: { -readonly [N in keyof LimitAttributes]?: number } = {}
  for (const element of elements) {
    const written = readShaped<LimitAttributes>(element, requestLimitsShape, problems)
    for (const name of Object.keys(written) as (keyof LimitAttributes)[]) limits[name] = written[name]?.value ?? 0
  }
  const collections = childrenNamed(elements, 'headerLimits')
  const headers = readCollection(collections, headerLimits, problems).map(({ values }) => ({
    header: (values.header ?? '').toLowerCase(),
    sizeLimit: values.sizeLimit ?? 0,
  }))
  const { maxAllowedContentLength, maxUrl, maxQueryString } = limits
  return {
    maxAllowedContentLength: maxAllowedContentLength ?? requestFilteringDefaults.maxAllowedContentLength,
    ...(maxUrl !== undefined && maxUrl !== requestFilteringDefaults.maxUrl && { maxUrl }),
    ...(maxQueryString !== undefined &&
      maxQueryString !== requestFilteringDefaults.maxQueryString && { maxQueryString }),
    ...(headers.length > 0 && { headerLimits: headers }),
  }
}
