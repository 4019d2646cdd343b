// Endpoints that tell what the app was given: process, paths, environment, request line and header fields.
import { createHash } from 'node:crypto'
import { valuesOf } from './integration.mjs'
import { answerText } from './replies.mjs'

const say = (text) => (cx) => answerText(cx.res, text(cx))
const parameter = (cx, name) => new URLSearchParams(cx.query).get(name)
const pid = say(() => String(process.pid))
const environment = (join) =>
  say(() =>
    Object.entries(process.env)
      .map(([name, value]) => `${name}=${value}`)
      .join(join),
  )

export const about = {
  HelloWorld: say(() => 'Hello World'),
  ProcessId: pid,
  GetProcessId: pid,
  ServerAddresses: say(() => `http://127.0.0.1:${process.env.ASPNETCORE_PORT}`),
  Path: say((cx) => cx.rest),
  RequestPath: say((cx) => cx.rest),
  Query: say((cx) => cx.query),
  PathAndPathBase: say((cx) => {
    const name = cx.path.slice(0, cx.path.length - cx.rest.length)
    return `PathBase: ${cx.pathBase}${name}; Path: ${cx.rest}`
  }),
  RequestInformation: say((cx) =>
    [
      `Scheme: ${cx.scheme}`,
      `Host: ${valuesOf(cx.headers, 'host').join(', ')}`,
      `PathBase: ${cx.pathBase}`,
      `Path: ${cx.path}`,
      `Query: ${cx.query}`,
      `Method: ${cx.req.method}`,
      `Protocol: HTTP/${cx.req.httpVersion}`,
      `Remote: ${cx.remote.address} ${cx.remote.port}`,
      `Local: ${cx.req.socket.localAddress} ${cx.req.socket.localPort}`,
      '',
      ...cx.headers.map(([name, value]) => `${name}: ${value}`),
    ].join('\n'),
  ),
  DumpRequestHeaders: say((cx) => cx.headers.map(([name, value]) => `${name}:${value}<br/>`).join('')),
  GetRequestHeaderValue: say((cx) => valuesOf(cx.headers, cx.rest.toLowerCase()).join(', ')),
  EnvironmentVariables: environment('\n'),
  DumpEnvironmentVariables: environment('<br/>'),
  GetEnvironmentVariables: say(() => String(Object.keys(process.env).length)),
  GetEnvironmentVariable: say((cx) => process.env[parameter(cx, 'name') ?? ''] ?? ''),
  ExpandEnvironmentVariables: say((cx) => process.env[cx.rest] ?? `%${cx.rest}%`),
  CurrentDirectory: say(() => process.cwd()),
  ASPNETCORE_IIS_PHYSICAL_PATH: say(() => process.env.ASPNETCORE_IIS_PHYSICAL_PATH ?? ''),
  CommandLineArgs: say(() => process.argv.slice(2).join('|')),
  ANCM_HTTPS_PORT: say(() => process.env.ASPNETCORE_ANCM_HTTPS_PORT || 'NOVALUE'),
  HTTPS_PORT: say(() => process.env.ASPNETCORE_HTTPS_PORT || 'NOVALUE'),
  ImpersonateMiddleware: say(() => 'ImpersonateMiddleware-UserName = NoAuthentication'),
  GetClientCert: say((cx) => {
    const der = valuesOf(cx.headers, 'ms-aspnetcore-clientcert')[0]
    if (der === undefined) return 'Disabled'
    return `Enabled;${createHash('sha1').update(Buffer.from(der, 'base64')).digest('hex').toUpperCase()}`
  }),
  HttpsHelloWorld: say((cx) => `Scheme:${cx.scheme}; Original:${valuesOf(cx.headers, 'x-original-proto').join(', ')}`),
  CheckProtocol: say((cx) => `HTTP/${cx.req.httpVersion}`),
  UpgradeFeatureDetection: say(() =>
    process.env.ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED === 'true' ? 'Enabled' : 'Disabled',
  ),
  websocket: say((cx) => `Ready to accept a WebSocket request at: ${cx.path}`),
  Latin1: checkLatin1('£'),
  InvalidCharacter: checkLatin1('£'),
}

/** The field `foo` must hold the byte 0xA3; Node reads field values as Latin-1. */
function checkLatin1(expected) {
  return (cx) => {
    const value = valuesOf(cx.headers, 'foo').join(', ')
    answerText(cx.res, Buffer.from(value, 'latin1').toString('hex'), { status: value === expected ? 200 : 500 })
  }
}
