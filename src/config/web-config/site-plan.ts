import type { BindingConfig, SiteConfig } from '../model.ts'
import type { PlanDetail } from '../sections/section-reader.ts'

/** Such as `https://*:443 for www.example.org (certificate /etc/www.pem, client certificates: require)`. */
export function bindingText({ protocol, address, port, hostName, proxyProtocol, tls }: BindingConfig): string {
  const host = address === undefined ? '*' : address.includes(':') ? `[${address}]` : address
  const details = [
    ...(tls === undefined
      ? []
      : [tls, ...(tls.alternatives ?? [])].map(({ certificate }) => `certificate ${certificate}`)),
    ...(tls === undefined || tls.clientCertificates === 'ignore'
      ? []
      : [`client certificates: ${tls.clientCertificates}`]),
    ...(tls?.http2 === false ? ['no HTTP/2'] : []),
    ...(tls?.tls13 === false ? ['no TLS 1.3'] : []),
    ...(proxyProtocol === true ? ['behind a PROXY header'] : []),
  ]
  const more = details.length === 0 ? '' : ` (${details.join(', ')})`
  return `${protocol}://${host}:${String(port)}${hostName === '' ? '' : ` for ${hostName}`}${more}`
}

/** What the plan shows of a site besides its bindings and applications: only what somebody wrote. */
export function siteDetails({ serverAutoStart, limits = {}, hsts }: Partial<SiteConfig>): readonly PlanDetail[] {
  const { connectionTimeoutMs, maxConnections, maxUrlSegments } = limits
  const words = [
    ...(connectionTimeoutMs === undefined ? [] : [idleWords(connectionTimeoutMs)]),
    ...(maxConnections === undefined ? [] : [`${String(maxConnections)} connections`]),
    ...(maxUrlSegments === undefined ? [] : [`${segmentWords(maxUrlSegments)} in a path`]),
  ]
  const redirect = hsts?.redirectHttpToHttps === true ? ', http redirected to https' : ''
  return [
    ...(serverAutoStart === false ? [['state', 'stopped: serverAutoStart="false"'] as const] : []),
    ...(words.length === 0 ? [] : [['limits', words.join(', ')] as const]),
    ...(hsts === undefined ? [] : [['HSTS', `max-age ${String(hsts.maxAge)} s${redirect}`] as const]),
  ]
}

/** 0 stands for no limit. */
function idleWords(timeoutMs: number): string {
  return timeoutMs === 0 ? 'idle connections never end' : `idle connections end after ${String(timeoutMs / 1000)} s`
}

/** 0 stands for no limit. */
function segmentWords(count: number): string {
  return count === 0 ? 'any number of segments' : `${String(count)} segments`
}
