import { tmpdir } from 'node:os'
import type { Surroundings } from '../../control/socket-place.ts'

/** The option --control, which `run` and the verbs that talk to it have. */
export function controlOption(summary: string): {
  readonly name: string
  readonly value: string
  readonly summary: string
} {
  return { name: 'control', value: 'PATH', summary }
}

/** What decides where control sockets are, for this process. */
export function surroundingsOf(environment: Surroundings['environment']): Surroundings {
  return {
    platform: process.platform,
    environment,
    userId: process.geteuid?.(),
    temporaryFolder: tmpdir(),
    pid: process.pid,
  }
}
