import { prefersJson } from './accept.ts'
import { type ModuleRefusal, refusalPages } from './refusals.ts'
import { type ErrorPage, renderHandlerLoadPage, renderPage, renderProblem, renderStartUpPage } from './pages.ts'

/** A complete response that the daemon writes itself. */
export interface Answer {
  readonly status: number
  /** IIS's substatus, such as the 5 of 502.5. Shown on the page and in the access log, not in the status line. */
  readonly substatus: number
  readonly reason: string
  /**
   * A flat list name, value, …: Content-Type and the fields that the status needs, but no Content-Length or Connection.
   */
  readonly headers: readonly string[]
  readonly body: string | Uint8Array
  /** Whether the connection ends after this answer, because further bytes on it cannot be trusted. */
  readonly close: boolean
  /** True: it is the page of a failure, which `<httpErrors>` may replace. */
  readonly isErrorPage?: true
}

/** Every failure of a request that its client gets an answer for. */
export type Failure =
  // Failures of the application's process.
  | { readonly kind: 'start-failed' | 'rapid-fail'; readonly startUpPage: boolean }
  | { readonly kind: 'forward-failed' | 'application-stopping' | 'user-not-taken' }
  | { readonly kind: 'queue-full'; readonly retryAfterSeconds: number }
  // Results of the configuration.
  | { readonly kind: 'configuration-invalid' | 'application-unusable' | 'unknown-module' }
  | { readonly kind: 'no-application' | 'not-handled' | 'listing-denied' }
  // What the request has to come by.
  | { readonly kind: 'ssl-required' | 'ssl-128-required' }
  | { readonly kind: 'certificate-required' | 'certificate-untrusted' | 'certificate-expired' }
  | { readonly kind: 'unknown-host' | 'misdirected' | 'site-stopped' | 'pool-stopped' }
  // Faults of the request.
  | { readonly kind: 'bad-request'; readonly why: string }
  | { readonly kind: 'head-too-large' | 'head-too-slow' | 'body-too-large' | 'body-too-slow' | 'client-gone' }
  | { readonly kind: 'too-many-segments' | 'site-full' }
  /** `why` is for the log alone. */
  | { readonly kind: ModuleRefusal; readonly why?: string }
  | { readonly kind: 'unknown-expectation' | 'unknown-coding' | 'method-not-served' | 'unknown-version' }
  // A bug of this daemon.
  | { readonly kind: 'bug' }

/** What the page for a failure contains. */
export interface PageOptions {
  /** The request's Accept field. */
  readonly accept?: string | undefined
  /**
   * The cause of this failure, a sentence that begins in lower case. The caller decides that this client may see it.
   */
  readonly cause?: string | undefined
  /** Lines for the developer (command line, last output). The caller decides that this client may see them. */
  readonly details?: readonly string[] | undefined
  /** ANCM_ADDITIONAL_ERROR_PAGE_LINK: one more link on the start-up and handler pages. */
  readonly link?: string | undefined
}

/** Turns a failure into a status, a substatus and a page; the only place that does. */
export function answerFailure(failure: Failure, options: PageOptions = {}): Answer {
  const page = pageOf(failure)
  const json = prefersJson(options.accept)
  return {
    status: page.status,
    substatus: page.substatus,
    reason: page.reason,
    headers: [
      'Content-Type',
      json ? 'application/problem+json; charset=utf-8' : 'text/html; charset=utf-8',
      ...(failure.kind === 'method-not-allowed' ? ['Allow', 'GET, HEAD'] : []),
      ...(failure.kind === 'queue-full' ? ['Retry-After', String(failure.retryAfterSeconds)] : []),
    ],
    body: json ? renderProblem(page, options) : rendererOf(failure)(page, options),
    close: page.closes === true,
    isErrorPage: true,
  }
}

/** The answer while app_offline.htm exists: the file's bytes, with ANCM's Content-Type, which names no charset. */
export function answerOffline(body: Uint8Array): Answer {
  const headers = ['Content-Type', 'text/html']
  return { status: 503, substatus: 0, reason: 'Service Unavailable', headers, body, close: false }
}

function rendererOf(failure: Failure): typeof renderPage {
  if (failure.kind === 'application-unusable') return renderHandlerLoadPage
  return 'startUpPage' in failure && failure.startUpPage ? renderStartUpPage : renderPage
}

function pageOf(failure: Failure): ErrorPage {
  if (isRefusal(failure)) return refusalPages[failure.kind]
  switch (failure.kind) {
    case 'start-failed':
    case 'rapid-fail':
      // disableStartUpErrorPage removes the page and turns 502.5 into 502.3 (ANCM FORWARDING_HANDLER).
      return failure.startUpPage
        ? page(502, 5, 'Bad Gateway', 'The application process could not be started.')
        : page(502, 3, 'Bad Gateway', 'The application did not answer.')
    case 'forward-failed':
      return page(502, 3, 'Bad Gateway', 'The connection to the application failed before it had answered.')
    case 'user-not-taken':
      return page(500, 0, 'Internal Server Error', 'The application cannot be told which user is authenticated.')
    case 'application-stopping':
      return page(503, 0, 'Service Unavailable', 'The application is being stopped.')
    case 'queue-full':
      return page(503, 0, 'Service Unavailable', 'Too many requests are waiting for the application to start.')
    case 'configuration-invalid':
      return page(500, 19, 'Internal Server Error', 'The configuration of this application is not valid.')
    case 'application-unusable':
      return page(500, 0, 'Internal Server Error', 'The application cannot be run with its configuration.')
    case 'unknown-module':
      return page(
        500,
        21,
        'Internal Server Error',
        'The handler for this address names a module that is not known here.',
      )
    case 'no-application':
      return page(404, 0, 'Not Found', 'No application answers at this address.')
    case 'unknown-host':
      return closing(400, 0, 'Bad Request', 'Bad Request - Invalid Hostname')
    case 'misdirected':
      return closing(421, 0, 'Misdirected Request', 'Ask for this host name on another connection.')
    case 'site-stopped':
      return page(404, 0, 'Not Found', 'The site is stopped.')
    case 'pool-stopped':
      return page(503, 0, 'Service Unavailable', 'The application pool is stopped.')
    case 'not-handled':
      return page(404, 4, 'Not Found', 'No handler of the application takes this address.')
    case 'listing-denied':
      return page(403, 14, 'Forbidden', 'The content of this folder is not listed.')
    case 'ssl-required':
      return page(403, 4, 'Forbidden', 'This address is served over https only.')
    case 'ssl-128-required':
      return page(403, 5, 'Forbidden', 'This address is served with an encryption of 128 bits or more only.')
    case 'certificate-required':
      return page(403, 7, 'Forbidden', 'This address is served to clients with a certificate only.')
    case 'certificate-untrusted':
      return page(403, 16, 'Forbidden', 'The certificate of the client is not trusted here.')
    case 'certificate-expired':
      return page(403, 17, 'Forbidden', 'The certificate of the client has expired, or is not valid yet.')
    case 'bad-request':
      return closing(400, 0, 'Bad Request', `The request cannot be read: ${failure.why}.`)
    case 'head-too-large':
      return closing(431, 0, 'Request Header Fields Too Large', 'The request line and header fields are too large.')
    case 'head-too-slow':
      return closing(408, 0, 'Request Timeout', 'The request did not arrive in time.')
    case 'body-too-large':
      return closing(413, 1, 'Content Too Large', 'The request body is larger than this application accepts.')
    case 'body-too-slow':
      return closing(408, 0, 'Request Timeout', 'The request body arrived too slowly.')
    case 'client-gone':
      return closing(400, 0, 'Bad Request', 'The client left before the request was complete.')
    case 'too-many-segments':
      return closing(400, 0, 'Bad Request', 'The path has more segments than this site accepts.')
    case 'site-full':
      return closing(503, 0, 'Service Unavailable', 'This site has as many connections as it may have.')
    case 'unknown-expectation':
      return closing(417, 0, 'Expectation Failed', 'The only expectation that is known here is 100-continue.')
    case 'unknown-coding':
      return closing(501, 0, 'Not Implemented', 'The only transfer coding that is read here is chunked.')
    case 'method-not-served':
      return closing(501, 0, 'Not Implemented', 'This method is not served here.')
    case 'unknown-version':
      return closing(505, 0, 'HTTP Version Not Supported', 'Only HTTP/1.0 and HTTP/1.1 are spoken here.')
    case 'bug':
      return page(500, 0, 'Internal Server Error', 'The request failed because of an error in the server itself.')
  }
}

function isRefusal(failure: Failure): failure is { readonly kind: ModuleRefusal } {
  return Object.hasOwn(refusalPages, failure.kind)
}

function page(status: number, substatus: number, reason: string, text: string): ErrorPage {
  return { status, substatus, reason, text }
}

function closing(status: number, substatus: number, reason: string, text: string): ErrorPage {
  return { status, substatus, reason, text, closes: true }
}
