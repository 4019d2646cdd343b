import { isIP, isIPv4, isIPv6 } from 'node:net'

/** Whether a text can be a mask: the number of its bits, or as an address whose ones stand before its zeros. */
export function isMask(text: string): boolean {
  return prefixOf(text, 32) !== undefined || prefixOf(text, 128) !== undefined
}

/**
 * The network of an address and a mask, such as `10.0.0.0/8`; undefined if the mask does not fit the address. The mask
 * 255.255.255.255, which is the default, stands for all bits of an IPv6 address too. An IPv4 address in IPv6's spelling
 * (`::ffff:10.0.0.1`) is the IPv4 address.
 */
export function networkOf(written: string, mask: string): string | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(written)?.[1]
  const address = mapped !== undefined && isIPv4(mapped) ? mapped : written
  const bits = isIPv6(address) ? 128 : 32
  const prefix = bits === 128 && mask === '255.255.255.255' ? 128 : prefixOf(mask, bits)
  return isIP(address) === 0 || prefix === undefined ? undefined : `${address}/${String(prefix)}`
}

function prefixOf(mask: string, bits: 32 | 128): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= bits ? Number(mask) : undefined
  const binary = bits === 32 ? binaryOfIpv4(mask) : binaryOfIpv6(mask)
  if (binary === undefined || !/^1*0*$/.test(binary)) return undefined
  const zero = binary.indexOf('0')
  return zero < 0 ? bits : zero
}

function binaryOfIpv4(mask: string): string | undefined {
  if (!isIPv4(mask)) return undefined
  return mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('')
}

function binaryOfIpv6(mask: string): string | undefined {
  if (!isIPv6(mask) || mask.includes('.') || mask.includes('%')) return undefined
  const [before = '', after] = mask.split('::')
  const left = before === '' ? [] : before.split(':')
  const right = after === undefined || after === '' ? [] : after.split(':')
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...middle, ...right].map((part) => Number.parseInt(part, 16).toString(2).padStart(16, '0')).join('')
}
