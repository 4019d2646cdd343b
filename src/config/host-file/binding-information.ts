import { isIP, isIPv6, SocketAddress } from 'node:net'
import { domainToASCII } from 'node:url'
import { failed, ok, type Result } from '../../platform/result.ts'
import { shown } from '../problems.ts'

/** What `bindingInformation` of an http or https binding says. */
export interface BindingInformation {
  /** An address as the system spells it; undefined = every address, IPv4 and IPv6. */
  readonly address: string | undefined
  /** 0 = any free one. */
  readonly port: number
  /** In lower case; '' = any name; `*.a.example` = any name below it. */
  readonly hostName: string
}

/** Why it cannot be read; `text` completes `bindingInformation="…"`. */
export interface BadBindingInformation {
  readonly text: string
  readonly cure: string
}

const form = 'Write ADDRESS:PORT:HOST, such as *:80: or *:443:www.example.org, an IPv6 address in brackets.'

/**
 * Reads `ADDRESS:PORT:HOST`. The address may be `*`, empty, IPv4, or IPv6 in brackets; the host may be empty, a name,
 * `*.` and a name, or an address.
 */
export function readBindingInformation(written: string): Result<BindingInformation, BadBindingInformation> {
  const [, place, port, host] = /^(\*|\[[^\]]*\]|[^:]*):([^:]*):([^:]*|\[[^\]]*\])$/.exec(written.trim()) ?? []
  if (place === undefined || port === undefined || host === undefined) {
    return failed({ text: 'is no address, port and host.', cure: form })
  }
  if (port.startsWith('[')) {
    const text = 'is a template, whose port is to be filled in.'
    return failed({ text, cure: 'Write the number of the port in place of the brackets.' })
  }
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65_535) {
    const text = `has the port "${shown(port)}".`
    return failed({ text, cure: 'Write a whole number from 0 to 65535; 0 = any free one.' })
  }
  const address = readAddress(place)
  if (!address.ok) return address
  const hostName = readHostName(host)
  if (!hostName.ok) return hostName
  return ok({ address: address.value, port: Number(port), hostName: hostName.value })
}

function readAddress(written: string): Result<string | undefined, BadBindingInformation> {
  if (written === '*' || written === '') return ok(undefined)
  const plain = written.startsWith('[') ? written.slice(1, -1) : written
  const isBracketed = plain !== written
  const family = isIP(plain)
  if (family === 4 && !isBracketed) return ok(plain)
  // An address with a zone, such as fe80::1%eth0, is left as it is written.
  if (family === 6 && isBracketed) {
    return ok(plain.includes('%') ? plain : new SocketAddress({ address: plain, family: 'ipv6' }).address)
  }
  return failed({
    text: `has "${shown(written)}" in place of an address.`,
    cure: 'Write *, an IPv4 address, or an IPv6 address in brackets; a host name stands behind the port.',
  })
}

function readHostName(written: string): Result<string, BadBindingInformation> {
  if (written === '') return ok('')
  if (written.startsWith('[')) {
    const plain = written.slice(1, -1)
    if (isIPv6(plain)) return ok(`[${new SocketAddress({ address: plain, family: 'ipv6' }).address}]`)
  } else {
    const wildcard = written.startsWith('*.') ? '*.' : ''
    const name = domainToASCII(written.slice(wildcard.length))
    const isName = /^(?!.*\.\.)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(name) && name.length <= 253
    if (isName && (wildcard === '' || isIP(name) === 0)) return ok(wildcard + name)
  }
  return failed({
    text: `has the host "${shown(written)}".`,
    cure: written.includes('*')
      ? 'Write nothing for any host; a wildcard may only be the whole first label, such as *.example.org.'
      : 'Write a host name without a scheme, port or blanks, or nothing for any host.',
  })
}
