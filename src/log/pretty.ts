import type { Level, LogEntry } from './entry.ts'

const colours: Record<Level, string> = { trace: '90', debug: '90', info: '32', warn: '33', error: '31', fatal: '31' }
/** Members of an entry that have a place of their own in the line, or that are left out. */
const notFields = new Set(['time', 'level', 'event', 'eventId', 'msg'])

/**
 * An entry for a person at a terminal: `12:34:56.789 info  text app=/ pid=17`. Each item of a field that is an array
 * gets a line of its own below. `hasTime`: whether the line begins with the time.
 */
export function prettyLine(entry: LogEntry & { level: Level; time: string }, colour: boolean, hasTime = true): string {
  const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const time = hasTime ? `${paint('90', entry.time.slice(11, 23))} ` : ''
  const { msg, fields, lines } = partsOf(entry)
  const head = `${time}${paint(colours[entry.level], entry.level.padEnd(5))} ${msg}`
  const tail = fields === '' ? '' : ` ${paint('90', fields)}`
  return `${[head + tail, ...lines].join('\n')}\n`
}

/** As prettyLine(), without time, level, colours and the last line end. */
export function entryText(entry: LogEntry): string {
  const { msg, fields, lines } = partsOf(entry)
  return [fields === '' ? msg : `${msg} ${fields}`, ...lines].join('\n')
}

function partsOf(entry: LogEntry): {
  readonly msg: string
  readonly fields: string
  readonly lines: readonly string[]
} {
  const lines: string[] = []
  const fields: string[] = []
  for (const [name, value] of Object.entries(entry)) {
    if (notFields.has(name) || value === undefined) continue
    if (Array.isArray(value)) lines.push(...value.map((line) => `    ${String(line)}`))
    else fields.push(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  }
  return { msg: visible(entry.msg), fields: visible(fields.join(' ')), lines: lines.map(visible) }
}

/**
 * Replaces each control character except the tab by its escape, such as `\x1b`, so that text from a client or an app
 * cannot move the cursor, colour the screen or end a line.
 */
function visible(text: string): string {
  // The expression must contain control characters, because it looks for them.
  return text.replaceAll(/[\0-\x08\x0a-\x1f\x7f-\x9f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}
