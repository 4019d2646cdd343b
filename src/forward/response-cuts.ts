import { namedFields } from '../wire/connection-field.ts'
import type { Cuts } from '../wire/cuts.ts'
import { Field } from '../wire/field-names.ts'
import { nameOf } from '../wire/head-fields.ts'
import type { ResponseHead } from '../wire/response-head.ts'

/**
 * Cuts out of the application's head what responseHeaders() drops, and what a reply adds by itself. `chunked`: the body goes
 * on with its chunks as they are. `keepConnection` is the handler setting forwardResponseConnectionHeader.
 */
export function cutResponse(head: ResponseHead, chunked: boolean, keepConnection: boolean, cuts: Cuts): void {
  const { fields, bytes, options } = head
  const named = options.namesFields && !keepConnection ? namedFields(bytes, fields) : undefined
  cuts.clear()
  for (let i = 0; i < fields.count; i++) {
    let goesOn = true
    switch (fields.field(i)) {
      case Field.date:
        // The reply writes the time over it.
        goesOn = i === head.dateLine
        break
      case Field.connection:
      case Field.keepAlive:
      case Field.proxyConnection:
      // An application that echoes its request's fields would hand the pairing token to the client.
      case Field.msAspNetCore:
        goesOn = false
        break
      case Field.transferEncoding:
        goesOn = chunked
        break
      case Field.trailer:
        goesOn = chunked && named?.has('trailer') !== true
        break
      case Field.contentLength:
        // RFC 9110 8.6: none in a 204. No Connection option takes it away elsewhere.
        goesOn = head.status !== 204
        break
      default:
        goesOn = named === undefined || !named.has(nameOf(bytes, fields, i).toLowerCase())
    }
    if (!goesOn) cuts.add(fields.nameStart(i), fields.lineEnd(i))
  }
}
