import { join } from 'node:path'
import { knownField } from '../../../forward/request-headers.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { restBelow } from '../rest-below.ts'

/** What the variables of a request depend on besides the request. */
export interface VariableFacts {
  readonly applicationId: string
  readonly siteId: number | undefined
  /** The virtual path of the application: `/`, or `/sub` without a slash at its end. */
  readonly applicationPath: string
  /** The application's folder, absolute. */
  readonly physicalPath: string
  /** Whether the exchange with this path would be for another application of the site; absent: there is none. */
  readonly leadsOn?: ((exchange: Exchange, path: string) => boolean) | undefined
}

/** The URL as the rules have left it so far: the path decoded, the query as written, without its `?`. */
export interface CurrentUrl {
  readonly path: string
  readonly query: string
  /** Path and query as they would be sent. */
  readonly target: string
}

type Reader = (exchange: Exchange, url: CurrentUrl, facts: VariableFacts) => string

const fileOf: Reader = (_exchange, { path }, { applicationPath, physicalPath }) => {
  return join(physicalPath, restBelow(path, applicationPath === '/' ? '' : applicationPath) ?? path)
}
const decodedPath: Reader = (_exchange, { path }) => path
const folder: Reader = (_exchange, _url, { physicalPath }) => join(physicalPath, '/')
const hostName = ({ host }: Exchange): string => host.replace(/:[0-9]+$/, '')

/** The server variables of IIS that mean something here. */
const readers: Readonly<Record<string, Reader>> = {
  APPL_MD_PATH: (_exchange, _url, { applicationId }) => applicationId,
  APPL_PHYSICAL_PATH: folder,
  CACHE_URL: (exchange, { target }) =>
    `${exchange.connection.scheme}://${hostName(exchange)}:${String(exchange.connection.localPort)}${target}`,
  CONTENT_LENGTH: ({ headers }) => headers.get('content-length') ?? '',
  CONTENT_TYPE: ({ headers }) => headers.get('content-type') ?? '',
  DOCUMENT_ROOT: folder,
  GATEWAY_INTERFACE: () => 'CGI/1.1',
  HTTPS: ({ connection }) => (connection.scheme === 'https' ? 'on' : 'off'),
  HTTP_HOST: ({ host }) => host,
  // The one that the application gets, and never a client's own.
  HTTP_X_ORIGINAL_URL: ({ originalTarget }) => originalTarget ?? '',
  INSTANCE_ID: (_exchange, _url, { siteId }) => (siteId === undefined ? '' : String(siteId)),
  LOCAL_ADDR: ({ connection }) => connection.localAddress,
  PATH_INFO: decodedPath,
  PATH_TRANSLATED: fileOf,
  QUERY_STRING: (_exchange, { query }) => query,
  REMOTE_ADDR: ({ connection }) => connection.remoteAddress,
  REMOTE_HOST: ({ connection }) => connection.remoteAddress,
  REMOTE_PORT: ({ connection }) => String(connection.remotePort),
  REQUEST_FILENAME: fileOf,
  // A WebSocket over HTTP/2 is a CONNECT, which the application gets as a GET.
  REQUEST_METHOD: ({ method, upgrade }) => (upgrade === undefined ? method : 'GET'),
  REQUEST_URI: (_exchange, { target }) => target,
  SCRIPT_FILENAME: fileOf,
  SCRIPT_NAME: decodedPath,
  SERVER_NAME: hostName,
  SERVER_PORT: ({ connection }) => String(connection.localPort),
  SERVER_PORT_SECURE: ({ connection }) => (connection.scheme === 'https' ? '1' : '0'),
  SERVER_PROTOCOL: ({ httpVersion }) => `HTTP/${httpVersion === '2' ? '2.0' : httpVersion}`,
  UNENCODED_URL: ({ target }) => target,
  URL: decodedPath,
}

/** Variables of IIS that are always empty here, because nobody is authenticated before the application. */
const emptyVariables: ReadonlySet<string> = new Set([
  'AUTH_TYPE',
  'AUTH_USER',
  'LOGON_USER',
  'REMOTE_USER',
  'AUTH_PASSWORD',
])

/** Whether a rule of requests may use this variable; `name` in capitals. */
export function isVariable(name: string): boolean {
  return Object.hasOwn(readers, name) || emptyVariables.has(name) || /^HTTP_[A-Z0-9_]+$/.test(name)
}

/** The value of a variable; '' where there is none. `exchange` is the one that the client has sent. */
export function variableOf(name: string, exchange: Exchange, url: CurrentUrl, facts: VariableFacts): string {
  if (Object.hasOwn(readers, name)) return (readers[name] as Reader)(exchange, url, facts)
  return name.startsWith('HTTP_') ? knownField(exchange, fieldOf(name)) : ''
}

/** The header field that a variable such as `HTTP_X_FORWARDED_FOR` or `RESPONSE_LOCATION` stands for, in lower case. */
export function fieldOf(variable: string): string {
  return variable
    .replace(/^(?:HTTP|RESPONSE)_/i, '')
    .toLowerCase()
    .replaceAll('_', '-')
}
