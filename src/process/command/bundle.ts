import { open } from 'node:fs/promises'

/**
 * A signature in every executable that .NET's SDK makes. The eight bytes before it are the offset of the bundle's
 * header, or 0 when the executable is no bundle.
 */
const signature = Buffer.from('8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae', 'hex')
const pointerBytes = 8
const chunkBytes = 1024 * 1024
/**
 * The signature is searched for in this many bytes at the beginning of the file, as it lies in the host, which takes
 * about 12 MB with the runtime in it.
 */
const searchedBytes = 32 * chunkBytes
const maxConfigBytes = chunkBytes
/**
 * Offset of the bundle's id in the header: after the two numbers of the version and the number of files, four bytes
 * each.
 */
const idOffset = 12
const maxHeaderBytes = 256

type File = Awaited<ReturnType<typeof open>>

/**
 * The text of the runtimeconfig.json inside a single-file app (bundle format 2 and newer: .NET 5); undefined when the
 * file is no such app or cannot be read. Source: dotnet/runtime, docs/design/features/single-file, and
 * Microsoft.NET.HostModel.
 */
export async function bundledRuntimeConfig(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch(() => undefined)
  try {
    const header = file === undefined ? 0 : await headerOffset(file)
    return file === undefined || header <= 0 ? undefined : await configAt(file, header)
  } catch {
    return undefined
  } finally {
    await file?.close()
  }
}

async function headerOffset(file: File): Promise<number> {
  const overlap = pointerBytes + signature.length
  const buffer = Buffer.alloc(chunkBytes)
  for (let from = 0; from < searchedBytes; from += chunkBytes - overlap) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, from)
    const found = buffer.subarray(0, bytesRead).indexOf(signature, pointerBytes)
    if (found !== -1) return Number(buffer.readBigInt64LE(found - pointerBytes))
    if (bytesRead < chunkBytes) return 0
  }
  return 0
}

async function configAt(file: File, header: number): Promise<string | undefined> {
  const head = Buffer.alloc(maxHeaderBytes)
  await file.read(head, 0, maxHeaderBytes, header)
  const idLength = head.readUInt8(idOffset)
  if (head.readUInt32LE(0) < 2 || idLength > 127) return undefined
  // After the id come the offset and the size of App.deps.json, then those of App.runtimeconfig.json, eight bytes each.
  const at = idOffset + 1 + idLength + 2 * pointerBytes
  const offset = Number(head.readBigInt64LE(at))
  const size = Number(head.readBigInt64LE(at + pointerBytes))
  if (offset <= 0 || size <= 0 || size > maxConfigBytes) return undefined
  const text = Buffer.alloc(size)
  const { bytesRead } = await file.read(text, 0, size, offset)
  return text.toString('utf8', 0, bytesRead)
}
