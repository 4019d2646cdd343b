import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { endianness } from 'node:os'

/** How long one read of the system's tables is used for all sockets. */
const tableMaxAgeMs = 2_000

/**
 * The bytes of each TCP connection that the system holds because the other side has not acknowledged them. They show
 * whether a client reads slowly or not at all, which Node cannot tell because the system may buffer megabytes in both
 * cases. Linux only (/proc/net/tcp). Life: that of the protocol object that uses it.
 */
export class SendQueues {
  #bytes = new Map<string, number>()
  #readAt: number | undefined

  /**
   * The bytes that wait in a socket's send queue; undefined where the system does not tell. `now`: monotonic
   * milliseconds.
   */
  of(socket: Socket, now: number): number | undefined {
    const { localPort, remoteAddress, remotePort } = socket
    if (localPort === undefined || remoteAddress === undefined || remotePort === undefined) return undefined
    if (this.#readAt === undefined || now - this.#readAt >= tableMaxAgeMs) {
      this.#readAt = now
      this.#bytes = readTables()
    }
    return this.#bytes.get(keyOf(hex(localPort, 4), `${addressAsListed(remoteAddress)}:${hex(remotePort, 4)}`))
  }
}

function readTables(): Map<string, number> {
  const found = new Map<string, number>()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of linesOf(file)) {
      // `sl: local remote state tx_queue:rx_queue …`, all in hexadecimal.
      const [, local, remote, , queues] = line.trim().split(/\s+/, 5)
      if (local === undefined || remote === undefined || queues === undefined) continue
      found.set(keyOf(local.slice(local.indexOf(':') + 1), remote), Number.parseInt(queues, 16))
    }
  }
  return found
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\n').slice(1)
  } catch {
    return []
  }
}

function keyOf(localPort: string, remote: string): string {
  return `${localPort} ${remote}`
}

/** An address as the tables print it: hexadecimal words of 32 bits in this machine's byte order. */
export function addressAsListed(address: string): string {
  const bytes = address.includes(':') ? bytesOfIPv6(address) : address.split('.').map(Number)
  let listed = ''
  for (let at = 0; at < bytes.length; at += 4) {
    const word = bytes.slice(at, at + 4)
    if (endianness() === 'LE') word.reverse()
    for (const byte of word) listed += hex(byte, 2)
  }
  return listed
}

function bytesOfIPv6(address: string): number[] {
  const plain = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_text, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
  const [before = '', after] = plain.split('::')
  const head = groupsOf(before)
  const tail = groupsOf(after ?? '')
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  return [...head, ...gap, ...tail].flatMap((group) => [group >> 8, group & 255])
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0')
}
