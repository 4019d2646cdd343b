import { randomUUID } from 'node:crypto'
import type { EnvironmentVariable } from '../../config/model.ts'

/** In the environment of a start's processes; its value is the start's own, so that it tells them from all others. */
export const startVariable = 'ANCMD_START'

/** What tells our requests from anybody else's on the loopback, and one start's processes from all others. */
export interface PairingToken {
  /** Never shown. web.config may fix it: then it is the same for every process of the application. */
  readonly value: string
  /** The value of startVariable. */
  readonly mark: string
}

/** A lower-case UUID, new for each start (both attempts); or ASPNETCORE_TOKEN of web.config, as in ANCM. */
export function pairingToken(variables: readonly EnvironmentVariable[]): PairingToken {
  const set = variables.find((variable) => variable.name.toUpperCase() === 'ASPNETCORE_TOKEN')?.value
  return { value: set === undefined || set === '' ? randomUUID() : set, mark: randomUUID() }
}

/** An environment entry that only processes of this start can have. */
export function environmentMark(token: PairingToken): string {
  return `${startVariable}=${token.mark}`
}
