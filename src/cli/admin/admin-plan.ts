import { isIP } from 'node:net'
import { bindingAtAdmin } from '../../config/admin-clash.ts'
import type { HostConfig } from '../../config/model.ts'
import { failed, ok, type Result } from '../../platform/result.ts'

/** Where the admin address is, and whose token it takes. */
export interface AdminPlan {
  /** A host name or an address; `[::1]` without its brackets. */
  readonly address: string
  readonly port: number
  /** Undefined: a token is made. */
  readonly tokenFile: string | undefined
}

/**
 * The plan of `<ancmd><admin>`; undefined without one. The failure names it.
 *
 * @param given the plan of --admin, which wins
 */
export function adminBeside(
  { admin, file = '', sites }: HostConfig,
  given: AdminPlan | undefined,
): Result<AdminPlan | undefined, string> {
  if (given !== undefined) {
    const bindings = sites.flatMap(({ bindings }) => bindings)
    const { at } = bindingAtAdmin(given, bindings) ?? {}
    if (at === undefined) return ok(given)
    const taken = `is taken by the binding in ${at.file}:${String(at.line)}`
    return failed(`ancmd run: option --admin ${placeOf(given)} ${taken}. Give one of the two another port.`)
  }
  if (admin === undefined) return ok(undefined)
  return needsToken(admin) ? failed(`${file}: <admin address="${placeOf(admin)}"> ${tokenCure}`) : ok(admin)
}

/** Reads HOST:PORT, or PORT alone for the loopback. The failure is the end of a sentence. */
export function parseAdminAddress(written: string, tokenFile: string | undefined): Result<AdminPlan, string> {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]:|([^:[\]\s]+):)?(\d{1,5})$/.exec(written)
  const address = found?.[1] ?? found?.[2] ?? '127.0.0.1'
  const port = Number(found?.[3])
  if (found === null || port > 65_535) {
    return failed(`takes HOST:PORT, such as 127.0.0.1:8081 or [::1]:8081, not '${written}'`)
  }
  const plan = { address, port, tokenFile }
  return needsToken(plan) ? failed(`${placeOf(plan)} ${tokenCure}`) : ok(plan)
}

const tokenCure =
  'can be reached from other machines, so it needs a token that stays: name its file (--admin-token-file, or tokenFile in the host file)'

function needsToken({ address, tokenFile }: AdminPlan): boolean {
  return tokenFile === undefined && !isLoopback(address)
}

/** `127.0.0.1:8081`, `[::1]:8081`. */
export function placeOf({ address, port }: Pick<AdminPlan, 'address' | 'port'>): string {
  return `${address.includes(':') ? `[${address}]` : address}:${String(port)}`
}

function isLoopback(address: string): boolean {
  if (isIP(address) === 4) return address.startsWith('127.')
  return address === '::1' || address.toLowerCase() === 'localhost'
}
