import type { HstsConfig } from '../../config/host-settings.ts'
import type { Exchange } from '../../http/exchange.ts'
import { prepareFields } from '../../http/response-fields.ts'
import type { GateAnswer, Module } from './module.ts'

/**
 * `<site><hsts>` of the host file: Strict-Transport-Security on every answer over https, and on none over http (RFC 6797
 * 7.2). An application that sends the field itself (`UseHsts`) is left its own, because a response must have no more than
 * one (RFC 6797 7.1), and the application knows its needs better. `redirectHttpToHttps` sends requests on http to the same address on https, as in IIS without a port, so that
 * the site has to answer on 443. It has no section in web.config.
 */
export const hsts: Module<undefined> = {
  section: undefined,
  create: (_settings, application) => {
    const settings = application.hsts
    if (settings === undefined) return {}
    const httpsResponseFields = prepareFields([], ['Strict-Transport-Security', policyOf(settings)])
    return settings.redirectHttpToHttps
      ? { httpsResponseFields, gate: redirectToHttps, isOfSite: true }
      : { httpsResponseFields }
  },
}

function policyOf({ maxAge, includeSubDomains, preload }: HstsConfig): string {
  const directives = [`max-age=${String(maxAge)}`]
  if (includeSubDomains) directives.push('includeSubDomains')
  if (preload) directives.push('preload')
  return directives.join('; ')
}

/** A GET may be asked for anew for ever (301); every other method must be kept (307), which a 301 does not ask for. */
function redirectToHttps({ connection, host, target, method }: Exchange): GateAnswer | undefined {
  const name = withoutPort(host)
  if (connection.scheme === 'https' || name === '') return undefined
  const [status, reason] =
    method === 'GET' || method === 'HEAD' ? [301, 'Moved Permanently'] : [307, 'Temporary Redirect']
  const location = `https://${name}${target === '*' ? '/' : target}`
  const headers = ['Location', location, 'Content-Type', 'text/plain; charset=utf-8']
  return { answer: { status, substatus: 0, reason, headers, body: `${location}\n`, close: false } }
}

/** An IPv6 address keeps its brackets. */
function withoutPort(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  return end <= 0 ? host : host.slice(0, end)
}
