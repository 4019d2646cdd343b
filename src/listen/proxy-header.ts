import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { type ProxiedAddresses, plainAddress } from './connection-facts.ts'

/** What the first bytes of a connection from a proxy are. */
export type ProxyHeader =
  /** `length` bytes belong to the header. `addresses`: undefined if the proxy speaks for itself, as in health checks. */
  | { readonly kind: 'header'; readonly length: number; readonly addresses: ProxiedAddresses | undefined }
  /** More bytes are needed: `atLeast` altogether before it is worth asking again. */
  | { readonly kind: 'partial'; readonly atLeast: number }
  | { readonly kind: 'malformed'; readonly why: string }

const textStart = Buffer.from('PROXY ')
/** With both addresses in IPv6 and the CRLF, as the specification counts it. */
const maxTextBytes = 107
const binaryStart = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a])
const binaryHeadBytes = 16
const local = 0x20
const proxied = 0x21
const tcp4 = 0x11
const tcp6 = 0x21

/** Reads a PROXY header, version 1 (text) or 2 (binary), at the start of a connection. Pure. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (bytes.length === 0) return { kind: 'partial', atLeast: 1 }
  if (startsAlike(bytes, binaryStart)) return readBinary(bytes)
  if (startsAlike(bytes, textStart)) return readText(bytes)
  return malformed('it does not begin with a PROXY header')
}

function readText(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, maxTextBytes).indexOf('\r\n')
  if (end === -1) {
    if (bytes.length >= maxTextBytes) return malformed('its PROXY line does not end')
    return { kind: 'partial', atLeast: Math.max(bytes.length + 1, textStart.length) }
  }
  const length = end + 2
  const words = bytes.toString('latin1', 0, end).split(' ')
  const [, family = '', source = '', destination = '', sourcePort = '', destinationPort = ''] = words
  if (family === 'UNKNOWN') return { kind: 'header', length, addresses: undefined }
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined
  if (isAddress === undefined) return malformed('its PROXY line names neither TCP4 nor TCP6')
  const remotePort = readPort(sourcePort)
  const localPort = readPort(destinationPort)
  const isWhole = words.length === 6 && isAddress(source) && isAddress(destination)
  if (!isWhole || remotePort === undefined || localPort === undefined) {
    return malformed('the addresses or ports of its PROXY line are malformed')
  }
  const addresses = { remoteAddress: spelt(source), remotePort, localAddress: spelt(destination), localPort }
  return { kind: 'header', length, addresses }
}

/** A decimal number up to 65535 without leading zeros. */
function readPort(text: string): number | undefined {
  const value = /^(?:0|[1-9]\d{0,4})$/.test(text) ? Number(text) : Number.NaN
  return value <= 65_535 ? value : undefined
}

function readBinary(bytes: Buffer): ProxyHeader {
  if (bytes.length < binaryHeadBytes) return { kind: 'partial', atLeast: binaryHeadBytes }
  const command = bytes[12]
  const family = bytes[13]
  const length = binaryHeadBytes + bytes.readUInt16BE(14)
  if (command !== local && command !== proxied)
    return malformed('the version or command of its PROXY header is unknown')
  const size = family === tcp4 ? 4 : family === tcp6 ? 16 : 0
  if (command === proxied && size === 0) return malformed('its PROXY header is for something else than TCP')
  if (command === proxied && length < binaryHeadBytes + 2 * size + 4) return malformed('its PROXY header is too short')
  if (bytes.length < length) return { kind: 'partial', atLeast: length }
  if (command === local) return { kind: 'header', length, addresses: undefined }
  const at = binaryHeadBytes
  const addresses = {
    remoteAddress: addressIn(bytes.subarray(at, at + size)),
    remotePort: bytes.readUInt16BE(at + 2 * size),
    localAddress: addressIn(bytes.subarray(at + size, at + 2 * size)),
    localPort: bytes.readUInt16BE(at + 2 * size + 2),
  }
  // What follows the addresses are TLVs, which nothing here needs.
  return { kind: 'header', length, addresses }
}

function addressIn(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16))
  return spelt(groups.join(':'))
}

/** An address in the spelling of sockets. */
function spelt(address: string): string {
  if (isIPv4(address)) return address
  return plainAddress(new SocketAddress({ address: address.replace(/%.*$/, ''), family: 'ipv6' }).address)
}

/** Whether the bytes begin with `start`, as far as they go. */
function startsAlike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.subarray(0, length).equals(start.subarray(0, length))
}

function malformed(why: string): ProxyHeader {
  return { kind: 'malformed', why }
}
