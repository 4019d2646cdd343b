// The order of things: everybody is started, compared with the app, warmed up, and loaded in turn, one at a time.
import { startApp, tokenFields } from './app.mjs'
import { makeCertificate } from './certificate.mjs'
import { end } from './children.mjs'
import { measureLoad, measureMemory, measureStart, measureStartAlone, move, warmUp } from './measure.mjs'
import { checkParity } from './parity.mjs'
import { catalogue, startPeer, takesPart } from './peers.mjs'
import { scenarios } from './scenarios.mjs'

/** Seconds of load until the code is what it will be: Node's, and .NET's, which is compiled again after it was watched. */
const nodeWarmUp = 2
const dotnetWarmUp = 12

/** Rounds of those scenarios in which a peer is started afresh. */
const startRounds = 7
const memoryRounds = 3

/**
 * Measures the peers of these names. `stage` is {app, proxyCore, loadCore}; `onCell(cell)` gets each
 * result, `onScenario(name)` is called when one is finished, `onAbsent(name, reason)` when a
 * peer cannot take part, `say(text)` gets what is going on.
 */
export async function run(options, wanted, stage, events) {
  const backend = await startApp(stage.app, stage.loadCore)
  const direct = { name: 'direct', port: backend.port, fields: tokenFields, isDotnet: true }
  const whole = { ...stage, up: backend.port }
  const [secure, plain] = [true, false].map((tls) =>
    options.scenarios.filter((name) => (scenarios[name].tls ?? false) === tls),
  )
  if (plain.length > 0) await runGroup({ ...options, scenarios: plain }, wanted, whole, direct, events)
  if (secure.length === 0) return
  const able = wanted.filter((name) => catalogue[name].servesTls)
  await runGroup({ ...options, scenarios: secure }, able, { ...whole, tls: makeCertificate() }, direct, events)
}

/** Scenarios that the same processes are measured in: those of a group listen for TLS, or none of them does. */
async function runGroup(options, wanted, stage, direct, { onCell, onScenario, onAbsent, say }) {
  const isWanted = (peer) => options.scenarios.some((name) => takesPart(peer, scenarios[name], name))
  const all = await startAll(wanted.filter(isWanted), stage, onAbsent)
  say(
    `${all.map((peer) => peer.name).join(', ')}: each answers as the app does${stage.tls === undefined ? '' : ', over TLS'}`,
  )
  await warmUpApps(options, direct, all, stage)

  for (const name of options.scenarios) {
    const scenario = scenarios[name]
    const peers = all.filter((peer) => takesPart(peer.name, scenario, name))
    const names = peers.map((peer) => peer.name)
    const record = (peer, round, figures) => onCell({ scenario: name, peer, round, ...figures })
    await kinds[scenario.kind]({ name, scenario, options, names, direct, peers, stage, record })
    onScenario(name)
  }
  await Promise.all(all.map(({ child }) => end(child)))
}

/** Who does not start, or does not answer as the app does, is left out and named; but it is no run without the daemon. */
async function startAll(names, stage, onAbsent) {
  const peers = []
  for (const name of names) {
    try {
      const peer = await startPeer(name, { ...stage, core: stage.proxyCore })
      const { http2 } = await checkParity(peer, stage.up)
      peers.push({ ...peer, http2 })
    } catch (error) {
      if (name === 'ancmd') throw error
      onAbsent(name, stage.tls === undefined ? error.message : `over TLS, ${error.message}`)
    }
  }
  return peers
}

/** In a hurry all at once, on the one scenario that all the others resemble; else the shared one, the rest by scenario. */
async function warmUpApps({ quick }, direct, peers, { loadCore, tls }) {
  const scenario = tls === undefined ? scenarios.plaintext : scenarios.tls
  const all = [warmUp(direct, scenarios.plaintext, dotnetWarmUp, loadCore)]
  if (quick) all.push(...peers.map((peer) => warmUp(peer, scenario, dotnetWarmUp, loadCore)))
  await Promise.all(all)
}

const kinds = {
  load: measureInTurns,
  echo: measureInTurns,
  async latency(given) {
    for (const peer of given.peers) move(peer, given.stage.loadCore)
    await measureInTurns({ ...given, peers: [given.direct, ...given.peers] })
    for (const peer of given.peers) move(peer, given.stage.proxyCore)
  },
  async memory({ scenario, options, names, stage, record }) {
    for (let round = 0; round < Math.min(options.rounds, memoryRounds); round++) {
      for (const name of shuffled(names)) record(name, round, await orVoid(() => measureMemory(name, scenario, stage)))
    }
  },
  async start({ scenario, names, stage, record }) {
    const daemons = names.filter((name) => name.startsWith('ancmd'))
    for (let round = 0; round < startRounds; round++) {
      record('direct', round, await orVoid(() => measureStartAlone(scenario, stage)))
      for (const name of shuffled(daemons)) record(name, round, await orVoid(() => measureStart(name, scenario, stage)))
    }
  },
}

async function measureInTurns({ scenario, options, peers, stage, record }) {
  for (const peer of peers) {
    const seconds = options.quick ? 1 : peer.isDotnet ? dotnetWarmUp : nodeWarmUp
    await orVoid(() => warmUp(peer, scenario, seconds, stage.loadCore))
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const peer of shuffled(peers)) {
      record(peer.name, round, await orVoid(() => measureLoad(peer, scenario, options.seconds, stage.loadCore)))
    }
  }
}

/** What fails under load is a result too; it makes its own cell void and no other. */
async function orVoid(measurement) {
  try {
    return await measurement()
  } catch (error) {
    return { void: error.message }
  }
}

function shuffled(list) {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j], copy[i]]
  }
  return copy
}
