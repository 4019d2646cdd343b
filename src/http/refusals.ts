import type { ErrorPage } from './pages.ts'

const addressDenied = 'Nothing is served to the address of this client.'
const tooManyAtOnce = 'This client has too many requests at a time.'
const tooOften = 'This client has sent too many requests in too short a time.'

/**
 * The refusals of IIS's modules that always have the same answer: status, substatus, reason and a sentence for the page,
 * which says nothing about the setting that led to it.
 */
const refusals = {
  // URL Rewrite. The first is what the log says of a connection that a rule has ended.
  'rule-aborted': [500, 0, 'Internal Server Error', 'The connection was ended by a rule.'],
  'rule-fault': [500, 50, 'Internal Server Error', 'A rule makes an address that cannot be served.'],
  // Request filtering.
  'verb-denied': [404, 6, 'Not Found', 'This method is not served here.'],
  'url-too-long': [404, 14, 'Not Found', 'The address is longer than this application accepts.'],
  'query-too-long': [404, 15, 'Not Found', 'The query is longer than this application accepts.'],
  'header-too-long': [
    431,
    0,
    'Request Header Fields Too Large',
    'A header field is longer than this application accepts.',
  ],
  'double-escaped': [404, 11, 'Not Found', 'The address has characters that are escaped twice, or a plus sign.'],
  'high-bit-character': [404, 12, 'Not Found', 'The address has characters that this application does not accept.'],
  'url-sequence-denied': [404, 5, 'Not Found', 'The address has characters that this application does not accept.'],
  'hidden-segment': [404, 8, 'Not Found', 'Nothing is served at this address.'],
  'extension-denied': [404, 7, 'Not Found', 'Nothing is served at this address.'],
  'query-sequence-denied': [404, 18, 'Not Found', 'The query has characters that this application does not accept.'],
  'filtering-rule': [404, 19, 'Not Found', 'The request has characters that this application does not accept.'],
  // Server runtime, CORS.
  'too-many-requests': [503, 2, 'Service Unavailable', 'The application has as many requests as it takes at a time.'],
  'origin-denied': [403, 0, 'Forbidden', 'Nothing is served to pages of this origin.'],
  // Files that a static handler is asked for.
  'file-not-found': [404, 0, 'Not Found', 'There is no file at this address.'],
  'file-withheld': [404, 8, 'Not Found', 'Nothing is served at this address.'],
  'unknown-file-type': [404, 3, 'Not Found', 'Files of this kind are not served.'],
  'method-not-allowed': [405, 0, 'Method Not Allowed', 'A file is asked for with GET or HEAD.'],
  // IP restriction, static and dynamic, with the answer that is configured.
  'address-unauthorized': [401, 503, 'Unauthorized', addressDenied],
  'address-forbidden': [403, 503, 'Forbidden', addressDenied],
  'address-not-found': [404, 503, 'Not Found', addressDenied],
  'concurrency-unauthorized': [401, 501, 'Unauthorized', tooManyAtOnce],
  'concurrency-forbidden': [403, 501, 'Forbidden', tooManyAtOnce],
  'concurrency-not-found': [404, 501, 'Not Found', tooManyAtOnce],
  'rate-unauthorized': [401, 502, 'Unauthorized', tooOften],
  'rate-forbidden': [403, 502, 'Forbidden', tooOften],
  'rate-not-found': [404, 502, 'Not Found', tooOften],
  // Authentication.
  'credentials-refused': [401, 1, 'Unauthorized', 'The credentials of this user are not valid here.'],
  'credentials-required': [401, 2, 'Unauthorized', 'This address is served to known users only.'],
  'too-many-attempts': [403, 502, 'Forbidden', 'This client has sent wrong credentials too often in too short a time.'],
  'user-unavailable': [503, 0, 'Service Unavailable', 'Who the user is cannot be found out at the moment.'],
  // Authorization.
  'user-denied': [401, 2, 'Unauthorized', 'This address is not served to this user.'],
} as const satisfies Readonly<Record<string, readonly [number, number, string, string]>>

export type ModuleRefusal = keyof typeof refusals

export const refusalPages: Readonly<Record<ModuleRefusal, ErrorPage>> = Object.freeze(
  Object.fromEntries(
    Object.entries(refusals).map(([kind, [status, substatus, reason, text]]) => {
      return [kind, { status, substatus, reason, text }] as const
    }),
  ) as Record<ModuleRefusal, ErrorPage>,
)
