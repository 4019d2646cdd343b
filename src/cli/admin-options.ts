import { bindingAtAdmin } from '../config/admin-clash.ts'
import type { BindingConfig } from '../config/model.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import { type AdminPlan, parseAdminAddress, placeOf } from './admin/admin-plan.ts'
import { portSetting } from './binding-options.ts'
import type { OptionSpec, ParsedOptions, UsageError } from './options.ts'

/** The options of the admin address. */
export const adminOptions: readonly OptionSpec[] = [
  { name: 'admin', value: 'HOST:PORT', summary: 'status page, health and metrics on this address; default: none' },
  { name: 'admin-token-file', value: 'FILE', summary: 'its first line is the token for --admin; default: one is made' },
]

/**
 * Reads --admin and --admin-token-file; undefined without --admin.
 *
 * @param bindings of a folder
 */
export function readAdminOptions(
  given: ParsedOptions,
  bindings: readonly BindingConfig[],
): Result<AdminPlan | undefined, UsageError> {
  const written = given.value('admin')
  const tokenFile = given.value('admin-token-file')
  if (written === undefined) {
    return tokenFile === undefined ? ok(undefined) : failed({ message: 'option --admin-token-file needs --admin' })
  }
  const plan = parseAdminAddress(written, tokenFile)
  if (!plan.ok) return failed({ message: `option --admin ${plan.failure}` })
  const clash = bindingAtAdmin(plan.value, bindings)
  if (clash === undefined) return plan
  const setting = portSetting(clash)
  const other = given.has(setting.slice(2))
    ? `${setting} ${String(clash.port)}`
    : 'the http port, which is 80 without --port'
  return failed({ message: `option --admin ${placeOf(plan.value)} has the port of ${other}; each needs its own` })
}
