import { loadOptionalPackage } from '../../../../platform/native/optional-package.ts'
import { failed, ok, type Result } from '../../../../platform/result.ts'

/** One side of one conversation of the package `kerberos`, which binds the system's GSSAPI. */
export interface KerberosServer {
  /** Takes a token in Base64; rejects if it is not accepted. */
  step(token: string): Promise<unknown>
  /** Such as `alice@EXAMPLE.ORG`. */
  readonly username: string | null | undefined
  /** The token for the client in Base64. */
  readonly response: string | null | undefined
  /** The service that the ticket is for, such as `HTTP/www.example.org@EXAMPLE.ORG`. */
  readonly targetName: string | null | undefined
}

export interface KerberosPackage {
  /** @param service an empty one stands for every key of the keytab */
  initializeServer(service: string): Promise<KerberosServer>
}

/** What an operator does about a package that is missing. */
export const kerberosCure =
  'Run: npm install -g kerberos@7 (beside ancmd; building it needs libkrb5-dev, make and g++).'

let loading: Promise<Result<KerberosPackage, string>> | undefined

/** Loads the package once; after a failure it is tried again, because somebody may have installed it. */
export async function loadKerberos(): Promise<Result<KerberosPackage, string>> {
  loading ??= load()
  const loaded = await loading
  if (!loaded.ok) loading = undefined
  return loaded
}

async function load(): Promise<Result<KerberosPackage, string>> {
  const loaded = await loadOptionalPackage('kerberos')
  if (!loaded.ok) return loaded
  if (typeof loaded.value['initializeServer'] === 'function') return ok(loaded.value as unknown as KerberosPackage)
  return failed('it has no initializeServer, so it is another package of that name')
}
