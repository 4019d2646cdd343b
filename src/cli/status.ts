import { exitCode } from './exit-codes.ts'
import { type OptionSpec, readOptions } from './options.ts'
import { controlOption } from './remote/control-option.ts'
import { reachDaemon } from './remote/reach-daemon.ts'
import { statusTable, type TableStyle } from './remote/status-table.ts'
import type { Terminal, Verb } from './verb.ts'

const options: readonly OptionSpec[] = [
  { name: 'json', value: undefined, summary: 'everything as one JSON document' },
  { name: 'watch', value: undefined, summary: 'draw the table anew every second, until q or Ctrl-C' },
  controlOption('control socket of the daemon; default: the one that is running'),
]

/** How often --watch looks. */
const watchMs = 1000

/** `ancmd status`: the sites, applications and processes of the running daemon. */
export const status: Verb = {
  options,
  act: async (args, terminal) => {
    const given = readOptions(args, options, 0)
    const isBoth = given.ok && given.value.has('json') && given.value.has('watch')
    if (!given.ok || isBoth) {
      const message = given.ok ? 'options --json and --watch do not go together' : given.failure.message
      terminal.err(`ancmd status: ${message}\nancmd status --help lists the options\n`)
      return exitCode.usage
    }
    const control = given.value.value('control')
    const reached = await reachDaemon(control, terminal.environment)
    if (!reached.ok) {
      terminal.err(`ancmd status: ${reached.failure.text}\n`)
      return exitCode[reached.failure.code]
    }
    const { path, status: found } = reached.value
    if (given.value.has('watch')) return watchStatus(control ?? path, terminal)
    terminal.out(
      given.value.has('json') ? `${JSON.stringify(found, null, 2)}\n` : statusTable(found, styleOf(terminal)),
    )
    return exitCode.ok
  },
}

/** A daemon that ends meanwhile is waited for. */
async function watchStatus(control: string, terminal: Terminal): Promise<number & 0> {
  const { watch } = await import('./remote/watch.ts')
  const draw = async (): Promise<string> => {
    const reached = await reachDaemon(control, terminal.environment)
    return reached.ok ? statusTable(reached.value.status, styleOf(terminal)) : `${reached.failure.text}\n`
  }
  const { isOutputTerminal = false } = terminal
  await watch(draw, watchMs, {
    out: (text) => {
      terminal.out(text)
    },
    isTerminal: isOutputTerminal,
    rows: () => terminal.size?.()?.rows ?? Infinity,
  })
  return exitCode.ok
}

function styleOf({ isOutputTerminal = false, environment, size }: Terminal): TableStyle {
  const colour = isOutputTerminal && (environment['NO_COLOR'] ?? '') === ''
  return { colour, now: new Date(), columns: size?.()?.columns }
}
