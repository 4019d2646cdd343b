import { stat } from 'node:fs/promises'
import { readOrdinaryFile } from '../../../../platform/files/ordinary-file.ts'
import { failed, ok, type Result } from '../../../../platform/result.ts'

/** Why there is no password, without what is in the file, and what to do about it. */
export interface PasswordFault {
  readonly text: string
  readonly cure: string
}

/** Reads the first line of ldapPasswordFile. */
export async function readPassword(file: string | undefined): Promise<Result<string | undefined, PasswordFault>> {
  if (file === undefined) return ok(undefined)
  try {
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & 0o007) !== 0) {
      const text = `Everybody on this machine may use ldapPasswordFile ${file}.`
      return failed({ text, cure: `Take the right away: chmod o-rwx '${file}'.` })
    }
    const [password = ''] = (await readOrdinaryFile(file))
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/, 1)
    // A directory takes an empty one for nobody, and lets nobody in as if it were somebody.
    if (password !== '') return ok(password)
    return failed({ text: `The first line of ldapPasswordFile ${file} is empty.`, cure: 'Write the password there.' })
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    const cure =
      code === 'ENOENT' ? 'Make it, readable for the daemon alone.' : 'Let the user read it whom the daemon runs as.'
    return failed({ text: `ldapPasswordFile ${file} cannot be read (${code}).`, cure })
  }
}
