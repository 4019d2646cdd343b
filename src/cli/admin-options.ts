import { failed, ok, type Result } from '../platform/result.ts'
import { type AdminPlan, parseAdminAddress } from './admin/admin-plan.ts'
import type { OptionSpec, ParsedOptions, UsageError } from './options.ts'

/** The options of the admin address. */
export const adminOptions: readonly OptionSpec[] = [
  { name: 'admin', value: 'HOST:PORT', summary: 'status page, health and metrics on this address; default: none' },
  { name: 'admin-token-file', value: 'FILE', summary: 'its first line is the token for --admin; default: one is made' },
]

/** Reads --admin and --admin-token-file; undefined without --admin. */
export function readAdminOptions(given: ParsedOptions): Result<AdminPlan | undefined, UsageError> {
  const written = given.value('admin')
  const tokenFile = given.value('admin-token-file')
  if (written === undefined) {
    return tokenFile === undefined ? ok(undefined) : failed({ message: 'option --admin-token-file needs --admin' })
  }
  const plan = parseAdminAddress(written, tokenFile)
  return plan.ok ? plan : failed({ message: `option --admin ${plan.failure}` })
}
