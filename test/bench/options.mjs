// What the command line asks for.
import { parseArgs } from 'node:util'
import { scenarios } from './scenarios.mjs'

export const usage = `usage: npm run bench -- [options]

What forwarding costs: processor time per request of ancmd and of others, side by side.

  --quick                three scenarios, five peers, three short rounds: under two minutes
  --rounds N             default 5
  --seconds N            length of a round, whole seconds; default 3
  --scenarios a,b        ${Object.keys(scenarios).join(', ')}
  --peers a,b            ancmd is always among them
  --write                write RESULTS.md and results.svg although this is no full run
`

const quick = {
  scenarios: ['plaintext', 'browser', '1m'],
  peers: ['ancmd', 'nginx', 'http-proxy-agent', 'relay-raw', 'relay-pipe'],
  rounds: 3,
  seconds: 1,
}
const full = { rounds: 5, seconds: 3 }

/**
 * {rounds, seconds, scenarios, peers, quick, writes}; throws an Error that says which option is wrong. A run is full, and its
 * results are written, when it has every scenario and every peer and is as long as that.
 */
export function readOptions(args, allPeers) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      scenarios: { type: 'string' },
      peers: { type: 'string' },
    },
  })
  const defaults = values.quick ? quick : { ...full, scenarios: Object.keys(scenarios), peers: allPeers }
  const chosen = {
    rounds: whole('--rounds', values.rounds, defaults.rounds),
    seconds: whole('--seconds', values.seconds, defaults.seconds),
    scenarios: listed('--scenarios', values.scenarios, defaults.scenarios, Object.keys(scenarios)),
    peers: [...new Set(['ancmd', ...listed('--peers', values.peers, defaults.peers, allPeers)])],
  }
  const isFull =
    chosen.rounds >= full.rounds &&
    chosen.seconds >= full.seconds &&
    chosen.scenarios.length === Object.keys(scenarios).length &&
    chosen.peers.length === allPeers.length
  return { ...chosen, quick: values.quick, writes: values.write || isFull }
}

function whole(option, text, otherwise) {
  if (text === undefined) return otherwise
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${option} ${text}: a whole number from 1 is needed`)
  return Number(text)
}

function listed(option, text, otherwise, known) {
  if (text === undefined) return otherwise
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`${option}: there is no ${unknown}; there are ${known.join(', ')}`)
  return known.filter((name) => names.includes(name))
}
