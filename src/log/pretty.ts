import type { Level, LogEntry } from './log.ts'

const colours: Record<Level, string> = { trace: '90', debug: '90', info: '32', warn: '33', error: '31', fatal: '31' }
const shown = new Set(['time', 'level', 'event', 'eventId', 'msg'])

/** `12:34:56.789 info  processStarted  text  app=/ pid=17`: one line for a person at a terminal. */
export function prettyLine(entry: LogEntry & { level: Level; time: string }, colour: boolean): string {
  const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const time = entry.time.slice(11, 23)
  const lines: string[] = []
  const fields: string[] = []
  for (const [name, value] of Object.entries(entry)) {
    if (shown.has(name) || value === undefined) continue
    if (Array.isArray(value)) lines.push(...value.map((line) => `    ${String(line)}`))
    else fields.push(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  }
  const head = `${paint('90', time)} ${paint(colours[entry.level], entry.level.padEnd(5))} ${entry.msg}`
  const tail = fields.length === 0 ? '' : ` ${paint('90', fields.join(' '))}`
  return `${[head + tail, ...lines].join('\n')}\n`
}
