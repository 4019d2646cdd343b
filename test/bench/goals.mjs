// What the finished daemon may cost, and whether it does.
import { addedRatios, median, noiseOf, ratios, summary, valuesOf } from './statistics.mjs'

const cpu = (scenario, per, atMost) => ({ scenario, measure: 'cpu', per, atMost, what: 'CPU per request' })

/** `peer` is who the goal is for, `ancmd` if nobody is named. `per` names the peer that the measure is divided by; without it the measure itself is compared, in `unit`. */
export const goals = [
  ...['plaintext', 'browser'].flatMap((scenario) => [
    cpu(scenario, 'nginx', 1.2),
    cpu(scenario, 'http-proxy-agent', 0.28),
    cpu(scenario, 'yarp', 0.6),
    cpu(scenario, 'relay-raw', 1.35),
  ]),
  { ...cpu('plaintext', 'http-proxy-agent', 1.3), peer: 'ancmd-http-proxy' },
  { ...cpu('plaintext', 'ancmd', 1.1), peer: 'ancmd-headers' },
  { ...cpu('plaintext', 'ancmd', 1.5), peer: 'ancmd-rules' },
  { ...cpu('plaintext', 'ancmd', 1.03), peer: 'ancmd-admin' },
  { ...cpu('gzip', 'nginx-gzip', 1), peer: 'ancmd-gzip' },
  cpu('16k', 'nginx', 1.1),
  cpu('1m', 'nginx', 0.75),
  cpu('chunked', 'nginx', 1.2),
  cpu('post-1k', 'nginx', 1.25),
  cpu('post-64k', 'nginx', 0.75),
  cpu('close', 'nginx', 1.7),
  cpu('tls', 'nginx', 1.25),
  cpu('tls-new', 'nginx', 1.3),
  cpu('h2', 'nginx', 1.5),
  cpu('h2', 'yarp', 1),
  cpu('h2', 'caddy', 1),
  { scenario: 'c1', measure: 'added', per: 'nginx', atMost: 1.4, what: 'added p50' },
  { scenario: 'idle', measure: 'perConnection', atMost: 6, unit: 'KiB', what: 'an idle connection' },
  { scenario: 'idle', measure: 'fresh', atMost: 65, unit: 'MiB', what: 'memory before any load' },
  { scenario: 'idle', measure: 'base', atMost: 90, unit: 'MiB', what: 'memory after load' },
  { scenario: 'start', measure: 'added', atMost: 30, unit: 'ms', what: 'added to the first request' },
]

/** {goal, median, min, verdict}; the verdict is `met`, `missed`, `noisy` or `absent`. */
export function judge(goal, cells) {
  const values = valuesFor(goal, cells)
  const figures = summary(values)
  return { goal, ...figures, verdict: verdictOf(goal, figures, noiseOf(cells, goal.scenario)) }
}

function valuesFor({ scenario, measure, per, peer = 'ancmd' }, cells) {
  if (scenario === 'start') return addedStart(cells, peer)
  if (per === undefined) return valuesOf(cells, scenario, peer, measure)
  return measure === 'added' ? addedRatios(cells, scenario, peer, per) : ratios(cells, scenario, peer, per, measure)
}

/** The first answer through a fresh daemon, less the median of the app's own first answer; milliseconds, round by round. */
export function addedStart(cells, peer) {
  const alone = median(valuesOf(cells, 'start', 'direct', 'first'))
  return valuesOf(cells, 'start', peer, 'first').map((first) => first - alone)
}

function verdictOf({ atMost }, figures, noise) {
  if (!Number.isFinite(figures.median)) return 'absent'
  if (noise !== undefined) return 'noisy'
  return figures.median <= atMost ? 'met' : 'missed'
}
