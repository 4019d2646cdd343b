import type { Log } from '../log/entry.ts'
import * as events from '../log/events.ts'
import type { OpenBinding } from './front-change.ts'

interface WithBindings {
  readonly bindings: readonly OpenBinding[]
}

/** A URL of this binding that works on this machine. */
export function urlOf({ front, binding }: Pick<OpenBinding, 'front' | 'binding'>): string {
  const { address, hostName, protocol } = binding
  const everywhere = address === undefined || address === '0.0.0.0' || address === '::'
  const name = hostName !== '' ? hostName : everywhere ? 'localhost' : address.includes(':') ? `[${address}]` : address
  return `${protocol}://${name}${front.port === (protocol === 'https' ? 443 : 80) ? '' : `:${String(front.port)}`}`
}

/** The URLs of the bindings that one set of sites has and the other has not. */
export function bindingChanges(
  before: readonly WithBindings[],
  after: readonly WithBindings[],
): { readonly bindingsAdded: readonly string[]; readonly bindingsRemoved: readonly string[] } {
  const old = urlsOf(before)
  const now = urlsOf(after)
  const bindingsAdded = [...now].filter((url) => !old.has(url))
  return { bindingsAdded, bindingsRemoved: [...old].filter((url) => !now.has(url)) }
}

/** Tells each binding that has been opened. */
export function announceBindings(
  {
    log,
    engine,
    inheritedSockets,
  }: { readonly log: Log; readonly engine: string; readonly inheritedSockets?: object | undefined },
  before: readonly WithBindings[],
  after: readonly WithBindings[],
): void {
  const old = urlsOf(before)
  for (const open of after.flatMap(({ bindings }) => bindings)) {
    const url = urlOf(open)
    if (old.has(url)) continue
    if (inheritedSockets !== undefined && !open.front.isInherited) events.socketNotInherited(log, { url })
    events.listening(log, { url, port: open.front.port, address: open.binding.address ?? '*', engine })
  }
}

function urlsOf(sites: readonly WithBindings[]): ReadonlySet<string> {
  return new Set(sites.flatMap(({ bindings }) => bindings.map(urlOf)))
}
