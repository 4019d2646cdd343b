/** The head of a 64-bit little-endian ELF program with one PT_INTERP segment. */
export function elf({ machine, interpreter }: { readonly machine: number; readonly interpreter: string }): Buffer {
  const bytes = Buffer.alloc(256)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  bytes.writeUInt16LE(2, 16)
  bytes.writeUInt16LE(machine, 18)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(3, 64)
  bytes.writeBigUInt64LE(128n, 72)
  bytes.writeBigUInt64LE(BigInt(interpreter.length + 1), 96)
  bytes.write(interpreter, 128, 'latin1')
  return bytes
}
