import { callControl, type ControlFailure } from '../../control/client.ts'
import { findDaemons, type FoundDaemon, isDenied } from '../../control/find-daemons.ts'
import { namedPlace, type Surroundings } from '../../control/socket-place.ts'
import type { HostStatus } from '../../host/host.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import { surroundingsOf } from './control-option.ts'

/** Why a verb cannot talk to a daemon: the sentence for a person, and the name of the exit code. */
export interface Unreached {
  readonly text: string
  readonly code: 'failure' | 'usage' | 'notRunning' | 'noPermission'
}

/** Asks the daemon behind --control, else the only one that is found. Of several ones none is chosen. */
export async function reachDaemon(
  control: string | undefined,
  environment: Surroundings['environment'],
): Promise<Result<FoundDaemon, Unreached>> {
  const surroundings = surroundingsOf(environment)
  if (control !== undefined) {
    const { path } = namedPlace(control, surroundings.platform)
    const answer = await callControl(path, { segments: ['status'], signal: AbortSignal.timeout(10_000) })
    return answer.ok ? ok({ path, status: answer.value as HostStatus }) : failed(unreached(path, answer.failure))
  }
  const { daemons, denied, folders } = await findDaemons(surroundings)
  const [daemon, ...others] = daemons
  if (daemon !== undefined && others.length === 0) return ok(daemon)
  if (daemon !== undefined) {
    const lines = daemons.map(({ path, status }) => `  --control ${path}  ${summaryOf(status)}`)
    return failed({
      code: 'usage',
      text: `several daemons run here; say which one is meant:\n${lines.join('\n')}`,
    })
  }
  const [socket] = denied
  if (socket !== undefined) {
    return failed({ code: 'noPermission', text: `${socket} may not be used by this user${rightsCure}` })
  }
  return failed({ code: 'notRunning', text: `no daemon is running; looked in ${folders.join(', ')}` })
}

/** The sentence and the name of the exit code for a daemon that did not answer. */
export function unreached(path: string, failure: ControlFailure): Unreached {
  switch (failure.why) {
    case 'unreachable':
      if (isDenied(failure.code)) {
        return { code: 'noPermission', text: `${path} may not be used by this user${rightsCure}` }
      }
      return { code: 'notRunning', text: `no daemon is running behind ${path} (${failure.code})` }
    case 'aborted':
      return { code: 'failure', text: `the daemon behind ${path} does not answer` }
    case 'closed':
      return { code: 'notRunning', text: `the daemon behind ${path} has ended` }
    case 'refused':
      return { code: 'failure', text: failure.error.text }
  }
}

const rightsCure = '. Use sudo, or become a member of the group that the socket belongs to'

function summaryOf({ pid, sites }: HostStatus): string {
  const urls = sites.flatMap((site) => site.urls)
  return `pid ${String(pid)}${urls.length === 0 ? '' : `, ${urls.slice(0, 3).join(', ')}`}`
}
