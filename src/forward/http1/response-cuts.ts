import { namedFields } from '../../http1/connection-field.ts'
import type { Cuts } from '../../http1/cuts.ts'
import { Field } from '../../http1/field-names.ts'
import { nameOf } from '../../http1/head-fields.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { UPGRADE_REQUIRED } from '../../http/headers.ts'

/**
 * Cuts the lines of the application's head that responseHeaders() drops, and those that the reply writes itself.
 * `chunked`: the body is forwarded with its chunks. `keepConnection`: the handler setting
 * forwardResponseConnectionHeader.
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

/** The same for a head whose Connection field names other fields as hop-by-hop. */
function cutNamed(head: RawResponseHead, chunked: boolean, cuts: Cuts): void {
  const { fields, bytes } = head
  const named = namedFields(bytes, fields)
  for (let i = 0; i < fields.count; i++) {
    const isNamed = !isExempt(head, i) && named.has(nameOf(bytes, fields, i).toLowerCase())
    if (isNamed || !goesOn(head, i, chunked)) cuts.add(fields.nameStart(i), fields.lineEnd(i))
  }
}

/**
 * Whether no Connection option removes a field: the framing, Date (which the reply writes anew), and the Upgrade field
 * of a 426, which names the protocol that the client must use.
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

/** Whether a line is forwarded when Connection does not name it. */
function goesOn(head: RawResponseHead, i: number, chunked: boolean): boolean {
  switch (head.fields.field(i)) {
    case Field.date:
      // The reply overwrites its value.
      return i === head.dateLine
    case Field.connection:
    case Field.keepAlive:
    case Field.proxyConnection:
    // An application that echoes the fields of its request would send the pairing token to the client.
    case Field.msAspNetCore:
      return false
    case Field.transferEncoding:
    case Field.trailer:
      return chunked
    case Field.contentLength:
      // RFC 9110 8.6: a 204 has none. Of several equal ones the first is forwarded.
      return head.status !== 204 && i === head.framing.lengthLine
    default:
      return true
  }
}
