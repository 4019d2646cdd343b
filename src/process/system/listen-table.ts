import { closeSync, openSync, readSync } from 'node:fs'

/** A TCP socket in state LISTEN. */
export interface ListenRow {
  /** `127.0.0.1`, `0.0.0.0`, `[::1]`, `[::]`, … */
  readonly address: string
  readonly port: number
  readonly inode: number
  readonly uid: number
}

export type Family = 'tcp' | 'tcp6'

const listen = '0A'

/**
 * The kernel's table of TCP sockets of one family, opened once and read many times. LISTEN rows come first, so reading
 * ends at the first row in another state: the cost does not grow with the number of connections. On a machine with few
 * sockets a read takes up to 2 ms, because the kernel then walks its whole hash table of connections, although it is
 * almost empty; so SocketCount is read first. Owner and life: one ListenWatch; close() ends it.
 */
export class ListenTable {
  readonly #file: number
  readonly #buffer = Buffer.allocUnsafe(2048)

  private constructor(file: number) {
    this.#file = file
  }

  /** Undefined where there is no such table: off Linux, or without IPv6. */
  static open(family: Family): ListenTable | undefined {
    try {
      return new ListenTable(openSync(`/proc/net/${family}`, 'r'))
    } catch {
      return undefined
    }
  }

  rows(): readonly ListenRow[] {
    const found: ListenRow[] = []
    let text = ''
    for (let position = 0; ; ) {
      const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, position)
      position += length
      const lines = (text + this.#buffer.toString('latin1', 0, length)).split('\n')
      text = lines.pop() as string
      for (const line of lines) {
        const [slot, local, , state, , , , uid, , inode] = line.trim().split(/\s+/)
        if (slot === 'sl') continue
        if (state !== listen || local === undefined) return found
        const colon = local.indexOf(':')
        const address = addressOf(local.slice(0, colon))
        found.push({
          address,
          port: Number.parseInt(local.slice(colon + 1), 16),
          inode: Number(inode),
          uid: Number(uid),
        })
      }
      // A buffer that is not full is the last one; another read would make the kernel walk through its hash table
      // again.
      if (length < this.#buffer.length) return found
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}

/**
 * The kernel prints addresses as 32-bit words in the machine's own byte order: little-endian wherever Node runs but
 * s390x.
 */
function addressOf(hex: string): string {
  const bytes = hex.match(/.{8}/g)?.flatMap((word) => {
    const pairs = word.match(/../g) as string[]
    return (isLittleEndian ? pairs.reverse() : pairs).map((pair) => Number.parseInt(pair, 16))
  })
  if (bytes === undefined) return hex
  if (bytes.length === 4) return bytes.join('.')
  const mapped = bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255'
  if (mapped) return bytes.slice(12).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[at * 2] as number) * 256 + (bytes[at * 2 + 1] as number))
  if (groups.every((group, at) => group === 0 || (at === 7 && group === 1))) return groups[7] === 1 ? '[::1]' : '[::]'
  return `[${groups.map((group) => group.toString(16)).join(':')}]`
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
