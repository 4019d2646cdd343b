/** Returned by readers in place of an offset: more bytes are needed. */
export const INCOMPLETE = -1
/** Returned by readers in place of an offset: the message breaks a rule, which the reader's `refusal` names. */
export const REFUSED = -2

/** Why a message is refused. The kinds are those of http/answer.ts, which has the status for each. */
export interface Refusal {
  readonly kind: 'bad-request' | 'unknown-version' | 'unknown-coding' | 'unknown-expectation' | 'head-too-large'
  readonly why: string
}

const refuse = (kind: Refusal['kind'], why: string): Refusal => Object.freeze({ kind, why })
const bad = (why: string): Refusal => refuse('bad-request', why)

/**
 * All refusals, one for each rule that a message can break. Numbers are sections of RFC 9112 unless stated otherwise.
 */
export const refusals = Object.freeze({
  // 3: the request line.
  method: bad('its method is not a token'),
  target: bad('its target has a character that is not allowed there'),
  requestLine: bad('its first line is not: method, space, target, space, version, CRLF'),
  version: refuse('unknown-version', 'its version is not HTTP/1.1 or HTTP/1.0'),
  // 5: field lines.
  fieldName: bad('a field name is not a token directly followed by a colon'),
  fieldValue: bad('a field value has a control character, or its line does not end in CRLF'),
  foldedLine: bad('a field line begins with whitespace'),
  lineEnd: bad('a line does not end in CRLF'),
  headTooLarge: refuse('head-too-large', 'its head is too large'),
  tooManyFields: refuse('head-too-large', 'its head has too many field lines'),
  // 3.2: Host.
  noHost: bad('it has no Host field'),
  severalHosts: bad('it has more than one Host field'),
  // 6.1 to 6.3: framing.
  contentLength: bad('its Content-Length is not a number of bytes'),
  severalLengths: bad('it has more than one Content-Length field'),
  lengthAndCoding: bad('it has both Content-Length and Transfer-Encoding'),
  codingInHttp10: bad('HTTP/1.0 has no Transfer-Encoding'),
  severalCodings: bad('it has more than one Transfer-Encoding field'),
  coding: bad('its Transfer-Encoding is not chunked'),
  unknownCoding: refuse('unknown-coding', 'its Transfer-Encoding names a coding besides chunked'),
  // 7.1: the chunked coding.
  chunkSize: bad('a chunk does not begin with its size'),
  chunkExtension: bad('a chunk extension is malformed or too long'),
  chunkEnd: bad('a chunk does not end where its size says, or its line does not end in CRLF'),
  trailers: bad('its trailer section is malformed or too large'),
  // RFC 9110 10.1.1: expectations.
  expectation: refuse('unknown-expectation', 'its Expect is not 100-continue'),
  // 4: the status line.
  statusLine: bad('its first line is not: version, space, three digits, reason, CRLF'),
})
