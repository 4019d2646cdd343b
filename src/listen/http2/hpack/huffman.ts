/** The lengths in bits of the codes of all bytes (RFC 7541 Appendix B), whose codes follow from them. */
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5,
  6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22,
  23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23,
  23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20,
  19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27,
  27, 27, 26,
] // biome-ignore format: a table

/** The symbol that only pads (RFC 7541 5.2); its code is thirty ones. */
const END = 256
const END_LENGTH = 30

/**
 * A step of four bits: `steps[state * 16 + bits]` is the next state, with EMITS and a byte at BYTE_SHIFT if they end a
 * code, or BROKEN. A state is a node of the tree of codes; 0 is its root.
 */
const steps = new Int32Array(256 * 16)
const BROKEN = -1
const EMITS = 0x100
const BYTE_SHIFT = 9
/** Whether a text may end in a state: behind at most seven ones, which are padding. */
const mayEnd = new Uint8Array(256)

build()

/**
 * Decodes a string literal into `out`, which must have room for `(to - from) * 8 / 5` bytes. Returns how many bytes it
 * is, or -1 if it is not valid.
 */
export function decodeHuffman(bytes: Uint8Array, from: number, to: number, out: Uint8Array): number {
  let state = 0
  let length = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number
    let step = steps[state * 16 + (byte >> 4)] as number
    if (step === BROKEN) return -1
    if ((step & EMITS) !== 0) out[length++] = step >> BYTE_SHIFT
    state = step & 0xff
    step = steps[state * 16 + (byte & 0x0f)] as number
    if (step === BROKEN) return -1
    if ((step & EMITS) !== 0) out[length++] = step >> BYTE_SHIFT
    state = step & 0xff
  }
  return mayEnd[state] === 1 ? length : -1
}

function build(): void {
  // Each node has two children: another node, or ~symbol for a leaf.
  const children: [number, number][] = [[0, 0]]
  const symbols = [...LENGTHS.keys(), END].sort((a, b) => lengthOf(a) - lengthOf(b) || a - b)
  let code = 0
  let before = lengthOf(symbols[0] as number)
  for (const symbol of symbols) {
    const length = lengthOf(symbol)
    // The codes are canonical: in the order of their lengths, each is the next number.
    code *= 2 ** (length - before)
    before = length
    let node = 0
    for (let bit = length - 1; bit >= 0; bit--) {
      const side = (code >>> bit) & 1
      const pair = children[node] as [number, number]
      if (bit === 0) pair[side] = ~symbol
      else {
        if (pair[side] === 0) pair[side] = children.push([0, 0]) - 1
        node = pair[side] as number
      }
    }
    code++
  }
  for (let node = 0; node < children.length; node++) {
    for (let bits = 0; bits < 16; bits++) steps[node * 16 + bits] = stepOf(children, node, bits)
  }
  for (let node = 0, ones = 0; ones <= 7; ones++) {
    mayEnd[node] = 1
    node = (children[node] as [number, number])[1]
  }
}

function stepOf(children: readonly [number, number][], from: number, bits: number): number {
  let node = from
  let emitted = 0
  for (let bit = 3; bit >= 0; bit--) {
    const next = (children[node] as [number, number])[(bits >> bit) & 1] as number
    if (next === ~END) return BROKEN
    if (next < 0) emitted = EMITS | (~next << BYTE_SHIFT)
    node = Math.max(next, 0)
  }
  return emitted | node
}

function lengthOf(symbol: number): number {
  return symbol === END ? END_LENGTH : (LENGTHS[symbol] as number)
}
