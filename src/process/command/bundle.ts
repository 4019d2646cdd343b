import { open } from 'node:fs/promises'

/** Stands in every executable that .NET's SDK makes; the eight bytes before it tell where the bundle's header begins, 0 = no bundle. */
const signature = Buffer.from('8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae', 'hex')
const pointerSize = 8
const chunkSize = 1024 * 1024
/** The signature is in the host, which stands before the bundle: about 12 MB where it contains the runtime. */
const searched = 32 * chunkSize
const largestConfig = chunkSize
/** Of a header: two numbers of the version and the count of files, four bytes each. */
const idAt = 12
const longestHeader = 256

type File = Awaited<ReturnType<typeof open>>

/**
 * The runtimeconfig.json inside a single-file app (bundle format 2 and newer: .NET 5); undefined when it is none, or cannot be
 * read. Source: dotnet/runtime, docs/design/features/single-file, and Microsoft.NET.HostModel.
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
  const overlap = pointerSize + signature.length
  const buffer = Buffer.alloc(chunkSize)
  for (let from = 0; from < searched; from += chunkSize - overlap) {
    const { bytesRead } = await file.read(buffer, 0, chunkSize, from)
    const found = buffer.subarray(0, bytesRead).indexOf(signature, pointerSize)
    if (found !== -1) return Number(buffer.readBigInt64LE(found - pointerSize))
    if (bytesRead < chunkSize) return 0
  }
  return 0
}

async function configAt(file: File, header: number): Promise<string | undefined> {
  const head = Buffer.alloc(longestHeader)
  await file.read(head, 0, longestHeader, header)
  const idLength = head.readUInt8(idAt)
  if (head.readUInt32LE(0) < 2 || idLength > 127) return undefined
  // Offset and size of App.deps.json, then those of App.runtimeconfig.json.
  const at = idAt + 1 + idLength + 2 * pointerSize
  const offset = Number(head.readBigInt64LE(at))
  const size = Number(head.readBigInt64LE(at + pointerSize))
  if (offset <= 0 || size <= 0 || size > largestConfig) return undefined
  const text = Buffer.alloc(size)
  const { bytesRead } = await file.read(text, 0, size, offset)
  return text.toString('utf8', 0, bytesRead)
}
