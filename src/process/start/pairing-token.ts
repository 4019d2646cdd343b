import { randomUUID } from 'node:crypto'
import type { EnvironmentVariable } from '../../config/model.ts'

/** The environment variable that identifies the processes of one start: its value is new for each start. */
export const startVariable = 'ANCMD_START'

/**
 * The two secrets of a start: the app recognises the daemon's requests by `value`, and the daemon recognises the app's
 * processes by `mark`.
 */
export interface PairingToken {
  /** Never logged or shown. web.config may fix the token; then it is the same for every process of the application. */
  readonly value: string
  /** The value of startVariable. */
  readonly mark: string
}

/**
 * The token is ASPNETCORE_TOKEN of web.config, as in ANCM, else a lower-case UUID, the same for all attempts of a
 * start.
 */
export function pairingToken(variables: readonly EnvironmentVariable[]): PairingToken {
  const set = variables.find((variable) => variable.name.toUpperCase() === 'ASPNETCORE_TOKEN')?.value
  return { value: set === undefined || set === '' ? randomUUID() : set, mark: randomUUID() }
}

/** An environment entry that only processes of this start can have. */
export function environmentMark(token: PairingToken): string {
  return `${startVariable}=${token.mark}`
}
