// npm run bench: what forwarding costs, of ancmd as it is built and of others, side by side. README.md says how to read it.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setUp, top } from '../../config/scripts/setup.mjs'
import { appCommand } from './app.mjs'
import { endAll } from './children.mjs'
import { circumstances } from './circumstances.mjs'
import { readOptions, usage } from './options.mjs'
import { catalogue } from './peers.mjs'
import { isInstalled } from './programs.mjs'
import { chart } from './report/chart.mjs'
import { resultsDocument } from './report/results.mjs'
import { tellGoals, tellScenario } from './report/terminal.mjs'
import { run } from './run.mjs'

let code = 0
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
]) {
  process.once(signal, () => {
    code = 128 + number
    void endAll().then(() => process.exit(code))
  })
}

try {
  await bench(process.argv.slice(2))
} catch (error) {
  // Who interrupts a run knows why it cannot go on.
  if (code === 0) console.error(`The benchmark cannot go on: ${error.message}`)
  code ||= 1
}
await endAll()
process.exit(code)

async function bench(args) {
  if (args.includes('--help')) return console.log(usage)
  const options = readOptions(args, Object.keys(catalogue))
  if (process.platform !== 'linux') {
    throw new Error('processor time is counted by what Linux tells in /proc. It runs on Linux only.')
  }
  if (!isInstalled('dotnet'))
    throw new Error('the app behind the proxies needs a .NET SDK 10. Install it, so that `dotnet` is found.')
  setUp()
  const stage = { app: undefined, ...layout() }
  const app = await appCommand()
  stage.app = stage.loadCore === undefined ? app : ['taskset', '-c', String(stage.loadCore), ...app]

  const { names, absent } = await prepare(options.peers)
  const about = circumstances(names, stage)
  console.log(
    `${about.processor}, ${about.cores} cores; ${about.layout}; load by ${about.load}; revision ${about.revision}`,
  )
  const onAbsent = (name, reason) => {
    console.log(`${name}: absent, ${reason}`)
    absent.set(name, reason)
  }
  for (const [name, reason] of absent) onAbsent(name, reason)
  const cells = await measureAll(options, names, stage, about, onAbsent)
  tellGoals(cells, options.scenarios)
  if (options.writes) write({ cells, options, about, names, absent })
}

/** Proxies on one core, load and app on another; {} where that cannot be. */
function layout() {
  return isInstalled('taskset') && cpus().length > 1 ? { proxyCore: 0, loadCore: 1 } : {}
}

/** Who can be measured here, and why the others cannot. */
async function prepare(wanted) {
  const [names, absent] = [[], new Map()]
  for (const name of wanted) {
    const reason = await catalogue[name].prepare?.()
    if (reason === undefined) names.push(name)
    else absent.set(name, reason)
  }
  return { names, absent }
}

/** Every cell is kept in .cache/bench/cells.jsonl, with all that it depends on. */
async function measureAll(options, names, stage, about, onAbsent) {
  const folder = join(top, '.cache/bench')
  mkdirSync(folder, { recursive: true })
  const cells = []
  await run(options, names, stage, {
    onCell(cell) {
      cells.push(cell)
      appendFileSync(join(folder, 'cells.jsonl'), `${JSON.stringify({ ...cell, seconds: options.seconds, about })}\n`)
    },
    onAbsent,
    onScenario: (name) => tellScenario(cells, name, names),
    say: (text) => console.log(text),
  })
  return cells
}

function write(results) {
  const beside = (name) => fileURLToPath(new URL(name, import.meta.url))
  writeFileSync(beside('RESULTS.md'), resultsDocument(results))
  writeFileSync(beside('results.svg'), chart(results))
  console.log('\nwritten: test/bench/RESULTS.md, test/bench/results.svg')
}
