import { emit } from './emit.ts'
import type { Log } from './entry.ts'

/** The file of `<basicAuthentication usersFile>` was read. `unusable`: lines that are for nobody, each with the reason. */
export function usersFileRead(
  log: Log,
  f: { app: string; file: string; users: number; unusable: readonly string[] },
): void {
  const more =
    f.unusable.length === 0 ? '' : `; ${String(f.unusable.length)} lines are for nobody: ${f.unusable.join('; ')}`
  const level = f.unusable.length === 0 ? 'info' : 'warn'
  emit(log, level, 'usersFileRead', `${String(f.users)} users are in ${f.file}${more}`, f)
}

/** The file of `<basicAuthentication usersFile>` cannot be read; credentials get 503 until it can. */
export function usersFileFailed(log: Log, f: { app: string; file: string; reason: string }): void {
  const msg = `the users of ${f.file} cannot be read, so nobody is let in: ${f.reason}`
  emit(log, 'error', 'usersFileFailed', msg, f)
}

/** A user with a ticket is not in the directory of `<windowsAuthentication groups="ldap">`, and so in no group. */
export function userNotInDirectory(log: Log, f: { app: string; user: string; reason: string }): void {
  emit(log, 'warn', 'userNotInDirectory', `${f.user} has no groups: ${f.reason}`, f)
}
