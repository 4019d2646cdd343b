import { randomUUID } from 'node:crypto'
import type { EnvironmentVariable, ProcessConfig } from '../config/model.ts'

/** What tells our requests from anybody else's on the loopback; never shown. */
export interface PairingToken {
  readonly value: string
  /** web.config fixes it: then it is the same for every process of the application. */
  readonly fixed: boolean
}

/** A lower-case UUID, new for each start (both attempts); or ASPNETCORE_TOKEN of web.config, as in ANCM. */
export function pairingToken(variables: readonly EnvironmentVariable[]): PairingToken {
  const set = variables.find((variable) => variable.name.toUpperCase() === 'ASPNETCORE_TOKEN')?.value
  return set === undefined || set === '' ? { value: randomUUID(), fixed: false } : { value: set, fixed: true }
}

/** An environment entry that only processes of this start can have; undefined when the token is not theirs alone. */
export function environmentMark(token: PairingToken, kind: ProcessConfig['kind']): string | undefined {
  return token.fixed || kind === 'httpPlatform' ? undefined : `ASPNETCORE_TOKEN=${token.value}`
}
