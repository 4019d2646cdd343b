import { problemLine } from '../config/problems.ts'
import type { HostStartFailure } from '../host/host.ts'
import * as certificateEvents from '../log/certificate-events.ts'
import * as events from '../log/events.ts'
import type { Log } from '../log/entry.ts'
import { portSetting } from './binding-options.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'

/** Reports why the host could not start, with a cure; returns the exit code for it. */
export function reportStartFailure({ binding, opening }: HostStartFailure, log: Log): ExitCode {
  const place = `port ${String(binding.port)}${binding.address === undefined ? '' : ` on ${binding.address}`}`
  switch (opening.code) {
    case 'port-taken':
      events.listenFailed(log, {
        port: binding.port,
        code: opening.code,
        msg: `${place} is taken by another program`,
        cure: `Stop that program, or choose another port with ${portSetting(binding)}`,
      })
      return exitCode.failure
    case 'no-permission':
      events.listenFailed(log, {
        port: binding.port,
        code: opening.code,
        msg: `${place} may not be opened by this user`,
        cure: `Choose a port from 1024 on with ${portSetting(binding)}, or give node the right to low ports (CAP_NET_BIND_SERVICE)`,
      })
      return exitCode.noPermission
    case 'bad-address':
      events.listenFailed(log, {
        port: binding.port,
        code: opening.code,
        msg: `${place}: this machine has no such address`,
        cure: 'Give --host an address of this machine, or leave it out',
      })
      return exitCode.failure
    case 'bad-certificate':
      for (const problem of opening.problems ?? []) {
        certificateEvents.certificateRejected(log, { file: problem.file, text: problemLine(problem), kept: false })
      }
      return exitCode.badConfiguration
    case 'failed':
      events.listenFailed(log, {
        port: binding.port,
        code: opening.code,
        msg: `${place} cannot be opened (${opening.cause.message})`,
        cure: 'See the reason in brackets',
      })
      return exitCode.failure
  }
}
