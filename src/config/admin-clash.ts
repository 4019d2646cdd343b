import { isIPv6 } from 'node:net'
import type { AdminConfig } from './host-settings.ts'
import type { BindingConfig } from './model.ts'

type Where = Pick<AdminConfig, 'address' | 'port'>

/** The binding that needs the address and port of the admin address itself; undefined: there is none. */
export function bindingAtAdmin(admin: Where, bindings: readonly BindingConfig[]): BindingConfig | undefined {
  if (admin.port === 0) return undefined
  const own = admin.address.toLowerCase()
  return bindings.find(({ address, port }) => port === admin.port && excludes(own, address?.toLowerCase() ?? '::'))
}

/** Whether the system refuses a listener for one of these addresses beside one for the other, on the same port. */
function excludes(own: string, other: string): boolean {
  if (own === other || own === '::' || other === '::') return true
  if (own === 'localhost') return ['127.0.0.1', '::1', '0.0.0.0'].includes(other)
  return (own === '0.0.0.0' && !isIPv6(other)) || (other === '0.0.0.0' && !isIPv6(own))
}
