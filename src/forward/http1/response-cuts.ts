import { namedFields } from '../../http1/connection-field.ts'
import type { Cuts } from '../../http1/cuts.ts'
import { Field } from '../../http1/field-names.ts'
import { nameOf } from '../../http1/head-fields.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { UPGRADE_REQUIRED } from '../../http/headers.ts'

/**
 * Cuts out of the application's head what responseHeaders() drops, and what a reply adds by itself. `chunked`: the body goes
 * on with its chunks as they are. `keepConnection` is the handler setting forwardResponseConnectionHeader.
 */
export function cutResponse(head: RawResponseHead, chunked: boolean, keepConnection: boolean, cuts: Cuts): void {
  const { fields, options } = head
  cuts.clear()
  if ((options.namesFields || options.upgrade) && !keepConnection) {
    cutNamed(head, chunked, cuts)
    return
  }
  for (let n = 0; n < fields.knownCount; n++) {
    const i = fields.known(n)
    if (!goesOn(head, i, chunked)) cuts.add(fields.nameStart(i), fields.lineEnd(i))
  }
}

/** With fields that the application's Connection names as for this hop only. */
function cutNamed(head: RawResponseHead, chunked: boolean, cuts: Cuts): void {
  const { fields, bytes } = head
  const named = namedFields(bytes, fields)
  for (let i = 0; i < fields.count; i++) {
    const isNamed = !isExempt(head, i) && named.has(nameOf(bytes, fields, i).toLowerCase())
    if (isNamed || !goesOn(head, i, chunked)) cuts.add(fields.nameStart(i), fields.lineEnd(i))
  }
}

/**
 * What no Connection option takes away: the framing, Date, which is not the application's any more, and what a 426 says that the
 * client has to switch to.
 */
function isExempt({ fields, status }: RawResponseHead, i: number): boolean {
  switch (fields.field(i)) {
    case Field.contentLength:
    case Field.transferEncoding:
    case Field.date:
      return true
    case Field.upgrade:
      return status === UPGRADE_REQUIRED
    default:
      return false
  }
}

function goesOn(head: RawResponseHead, i: number, chunked: boolean): boolean {
  switch (head.fields.field(i)) {
    case Field.date:
      // The reply writes the time over it.
      return i === head.dateLine
    case Field.connection:
    case Field.keepAlive:
    case Field.proxyConnection:
    // An application that echoes its request's fields would hand the pairing token to the client.
    case Field.msAspNetCore:
      return false
    case Field.transferEncoding:
    case Field.trailer:
      return chunked
    case Field.contentLength:
      // RFC 9110 8.6: none in a 204. Of several that say the same one goes on.
      return head.status !== 204 && i === head.framing.lengthLine
    default:
      return true
  }
}
