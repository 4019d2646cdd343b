// What the package needs of the daemon's source: the table of commands, and the units of systemd.
import { loadSource } from '../load-source.mjs'

const wanted = `
export { verbs } from './src/cli/cli.ts'
export { serviceUnit, socketUnit, sysusersText } from './src/cli/service/systemd.ts'
`

/** The exports of the source, and the commands as plain data. */
export async function loadCommands() {
  const source = await loadSource(wanted)
  return { ...source, commands: await describe(source.verbs) }
}

/**
 * The commands as plain data: `takes` is what may follow the name of a command, `words`, `folder` or `nothing`; each
 * option has `takes`, too: `flag`, `words`, `file`, `folder` or `text`.
 */
async function describe(verbs) {
  const loaded = await Promise.all([...verbs].map(async ([name, entry]) => [name, entry, await entry.load()]))
  return loaded.map(([name, { usage, summary }, { options }]) => ({
    name,
    usage,
    summary,
    ...argumentOf(usage),
    options: [...options.filter(({ later }) => later === undefined), help].map((option) => ({
      ...option,
      ...valueOf(option.value),
    })),
  }))
}

const help = { name: 'help', value: undefined, summary: 'lists the options' }

function argumentOf(usage) {
  const argument = usage.split(' ')[1] ?? ''
  if (/^[a-z]+(?:\|[a-z]+)*$/.test(argument)) return { takes: 'words', words: argument.split('|') }
  return { takes: argument === '[folder]' ? 'folder' : 'nothing', words: [] }
}

function valueOf(value) {
  if (value === undefined) return { takes: 'flag', words: [] }
  if (/^[a-z][a-z0-9-]*(?:\|[a-z][a-z0-9-]*)+$/.test(value)) return { takes: 'words', words: value.split('|') }
  if (/^(?:FOLDER|DIR)$/.test(value)) return { takes: 'folder', words: [] }
  return { takes: /FILE|PATH/.test(value) ? 'file' : 'text', words: [] }
}
