import { exitCode } from './exit-codes.ts'
import { type OptionSpec, readOptions } from './options.ts'
import type { Verb } from './verb.ts'
import { controlOption } from './remote/control-option.ts'
import { reachDaemon } from './remote/reach-daemon.ts'
import { statusTable } from './remote/status-table.ts'

const options: readonly OptionSpec[] = [
  { name: 'json', value: undefined, summary: 'everything as one JSON document' },
  controlOption('control socket of the daemon; default: the one that is running'),
]

/** `ancmd status`: the sites, applications and processes of the running daemon. */
export const status: Verb = {
  options,
  act: async (args, terminal) => {
    const given = readOptions(args, options, 0)
    if (!given.ok) {
      terminal.err(`ancmd status: ${given.failure.message}\nancmd status --help lists the options\n`)
      return exitCode.usage
    }
    const reached = await reachDaemon(given.value.value('control'), terminal.environment)
    if (!reached.ok) {
      terminal.err(`ancmd status: ${reached.failure.text}\n`)
      return exitCode[reached.failure.code]
    }
    const found = reached.value.status
    terminal.out(given.value.has('json') ? `${JSON.stringify(found, null, 2)}\n` : statusTable(found))
    return exitCode.ok
  },
}
