/** What the first bytes of a program say about the systems that can run it. */
export interface ProgramFile {
  readonly system: 'Linux' | 'Windows' | 'macOS'
  /** As Node names it; undefined for one that Node does not run on, and where the system cannot run it anyway. */
  readonly architecture: string | undefined
  /** The loader that has to be there, such as `/lib/ld-musl-x86_64.so.1`; undefined for none. */
  readonly interpreter: string | undefined
}

/** e_machine of the ELF header, by Node's names. */
const machines: ReadonlyMap<number, string> = new Map([
  [0x03, 'ia32'],
  [0x15, 'ppc64'],
  [0x16, 's390x'],
  [0x28, 'arm'],
  [0x3e, 'x64'],
  [0xb7, 'arm64'],
  [0xf3, 'riscv64'],
  [0x102, 'loong64'],
])
const interpreterSegment = 3

/** Reads the head of a program; undefined when it is none of the three kinds, for example a script. */
export function readProgramFile(head: Buffer): ProgramFile | undefined {
  if (head.length < 4) return undefined
  if (head.toString('latin1', 0, 2) === 'MZ')
    return { system: 'Windows', architecture: undefined, interpreter: undefined }
  const magic = head.readUInt32BE(0)
  if (magic === 0xcffaedfe || magic === 0xcafebabe) {
    return { system: 'macOS', architecture: undefined, interpreter: undefined }
  }
  if (magic !== 0x7f454c46 || head.length < 64) return undefined
  const isWide = head[4] === 2
  const isLittle = head[5] !== 2
  const half = (at: number): number => (isLittle ? head.readUInt16LE(at) : head.readUInt16BE(at))
  return { system: 'Linux', architecture: machines.get(half(18)), interpreter: interpreterOf(head, isWide, isLittle) }
}

/** The path in the PT_INTERP segment. */
function interpreterOf(head: Buffer, isWide: boolean, isLittle: boolean): string | undefined {
  const word = (at: number): number => (isLittle ? head.readUInt32LE(at) : head.readUInt32BE(at))
  const long = (at: number): number => {
    if (!isWide) return word(at)
    return Number(isLittle ? head.readBigUInt64LE(at) : head.readBigUInt64BE(at))
  }
  const half = (at: number): number => (isLittle ? head.readUInt16LE(at) : head.readUInt16BE(at))
  const table = long(isWide ? 32 : 28)
  const size = half(isWide ? 54 : 42)
  const count = half(isWide ? 56 : 44)
  for (let index = 0; index < count; index++) {
    const at = table + index * size
    if (at + size > head.length || size < 32) return undefined
    if (word(at) !== interpreterSegment) continue
    const from = long(at + (isWide ? 8 : 4))
    const length = long(at + (isWide ? 32 : 16))
    if (from + length > head.length) return undefined
    return head.toString('latin1', from, from + length).replace(/\0.*$/s, '')
  }
  return undefined
}
