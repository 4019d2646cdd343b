import { type Problem, problemAt, wholeFile } from '../../config/problems.ts'
import { openOrdinaryFile } from '../../platform/files/ordinary-file.ts'
import { failed, ok, type Result } from '../../platform/result.ts'

const maxBytes = 1_048_576

/** Reads a file with certificates, a key or a passphrase; `what` names it in the problem. */
export async function readSecretFile(file: string, what: string): Promise<Result<Buffer, Problem>> {
  const error = (text: string, cure: string): Result<Buffer, Problem> => {
    return failed(problemAt('error', wholeFile(file), text, cure))
  }
  try {
    const opened = await openOrdinaryFile(file)
    try {
      if ((await opened.stat()).size > maxBytes)
        return error(`The file is too large for a ${what}.`, 'Name the right file.')
      const bytes = await opened.readFile()
      return bytes.length === 0 ? error(`The file of the ${what} is empty.`, 'Write it again.') : ok(bytes)
    } finally {
      await opened.close()
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === undefined) throw cause
    if (code === 'EISDIR') return error(`This is a folder, not the file of the ${what}.`, 'Name the file.')
    if (code === 'EFTYPE') return error(`This is no ordinary file, so the ${what} is not read from it.`, 'Name a file.')
    if (code === 'ENOENT' || code === 'ENOTDIR') return error(`There is no such file (${what}).`, 'Correct the path.')
    const cure = 'Give the user that ancmd runs as the right to read it, in every folder on the way too.'
    return error(`The ${what} cannot be read (${code}).`, code === 'EACCES' ? cure : 'Look at the file system.')
  }
}

/** The first line of a passphrase file. It may be in UTF-16, because that is what `>` of Windows PowerShell writes. */
export async function readPassphrase(file: string | undefined): Promise<Result<string | undefined, Problem>> {
  if (file === undefined) return ok(undefined)
  const read = await readSecretFile(file, 'passphrase')
  if (!read.ok) return read
  const text = new TextDecoder(markedEncoding(read.value)).decode(read.value)
  return ok(text.split(/\r?\n/, 1)[0] ?? '')
}

/** What the byte order mark says. */
function markedEncoding([first, second]: Buffer): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}
