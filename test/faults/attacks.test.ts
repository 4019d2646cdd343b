import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { testCertificate } from '../support/certificate.ts'
import type { Daemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { block, data, END_HEADERS, END_STREAM, headers, PREFACE, settings } from '../support/http2/frames.ts'
import { openFiles, residentMemory } from '../support/processes.ts'
import { Crowd, type CrowdOptions } from './attackers/crowd.ts'
import { app } from './support/apps.ts'
import { Traffic } from './support/traffic.ts'

/** Of each kind, one kind after the other. */
const attackers = Number(process.env['ATTACKERS'] ?? 2_000)
/**
 * What the daemon may take for each attacker while they attack, and for all of them when they have gone, in bytes: the
 * heap of the system is not given back where it has gaps, but used again. To this comes a quarter of `bytesEach`.
 */
const plainBytesEach = 40_000
const tlsBytesEach = 120_000
const bytesLeft = 60_000_000
/** Descriptors that may remain: connections to the application that wait for the next request. */
const filesLeft = 300
/** Honest requests that are timed before an attack, and while all attackers are there. */
const timed = 300

interface Attack extends Pick<CrowdOptions, 'alpn' | 'first' | 'drip' | 'reads'> {
  readonly name: string
  /** Whether they connect to the https port. */
  readonly https?: boolean
  /** What the daemon may take for each, beside what a connection of its kind takes. */
  readonly bytesEach?: number
  /** Whether the daemon has to end these connections; else the attackers leave by themselves. */
  readonly isCut: boolean
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
/** The beginning of a TLS record with a ClientHello, without its end. */
const partOfHello = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])
const quarter = bytes('GET /quarter HTTP/1.1\r\nHost: localhost\r\n\r\n')
const slowHead = { first: bytes('GET / HTTP/1.1\r\n'), drip: bytes('X: y\r\n'), isCut: true }
const slowBody = {
  first: bytes('POST /hang HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n'),
  drip: bytes('x'),
  isCut: true,
}

const attacks: readonly Attack[] = [
  { name: 'silent connections', first: bytes(''), isCut: true },
  { name: 'heads that never end', ...slowHead },
  { name: 'bodies byte by byte', ...slowBody },
  { name: 'idle connections', first: bytes('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), isCut: true },
  { name: 'answers that nobody reads', first: quarter, reads: false, bytesEach: 270_000, isCut: false },
]

const tlsAttacks: readonly Attack[] = [
  { name: 'handshakes that never end', https: true, first: partOfHello, isCut: true },
  { name: 'requests in plain HTTP', https: true, first: bytes('GET / HT'), isCut: true },
  { name: 'heads that never end', alpn: 'http/1.1', ...slowHead },
  { name: 'bodies byte by byte', alpn: 'http/1.1', ...slowBody },
  {
    name: 'answers that nobody reads',
    alpn: 'http/1.1',
    first: quarter,
    reads: false,
    bytesEach: 270_000,
    isCut: false,
  },
]

const requestTo = (method: string, path: string): Buffer =>
  block([':method', method], [':scheme', 'https'], [':authority', 'localhost'], [':path', path])
const begun = Buffer.concat([PREFACE, settings()])
/** A window of 0 for every stream (RFC 9113 6.5.2). */
const noWindow = Buffer.concat([PREFACE, settings([4, 0])])
const get = (stream: number, path: string): Buffer => headers(stream, requestTo('GET', path), END_HEADERS | END_STREAM)

const http2Attacks: readonly Attack[] = [
  { name: 'connections without a request', alpn: 'h2', first: begun, isCut: true },
  {
    name: 'half a HEADERS frame',
    alpn: 'h2',
    first: Buffer.concat([begun, get(1, '/').subarray(0, 10)]),
    isCut: false,
  },
  {
    name: 'half-open connections after an answer',
    alpn: 'h2',
    first: Buffer.concat([begun, get(1, '/')]),
    isCut: true,
  },
  {
    name: 'bodies byte by byte',
    alpn: 'h2',
    first: Buffer.concat([begun, headers(1, requestTo('POST', '/hang'), END_HEADERS)]),
    drip: data(1, 'x', 0),
    isCut: false,
  },
  {
    name: 'open streams whose window is 0',
    alpn: 'h2',
    first: Buffer.concat([noWindow, get(1, '/quarter'), ...[3, 5, 7, 9].map((stream) => get(stream, '/'))]),
    bytesEach: 350_000,
    isCut: false,
  },
]

let daemon: Daemon
let httpsPort: number

beforeAll(async () => {
  httpsPort = await freePort()
  const folder = await temporaryFolder()
  const pem = join(folder, 'both.pem')
  await writeFile(pem, `${testCertificate.cert}\n${testCertificate.key}\n`)
  daemon = await startWithHostFile({
    folder: await app('bad-answers.mjs'),
    bindings: `<binding protocol="https" bindingInformation="127.0.0.1:${String(httpsPort)}:" certificate="${pem}" />`,
    site: '<limits connectionTimeout="00:00:10" />',
    applicationHost: '<webLimits headerWaitTimeout="00:00:10" />',
  })
  await daemon.text('/')
}, 60_000)

function percentile99(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  return (sorted[Math.floor(sorted.length * 0.99)] ?? 0).toFixed(1)
}

describe.each([
  ['HTTP/1.1', attacks],
  ['TLS', tlsAttacks],
  ['HTTP/2', http2Attacks],
] as const)(`${String(attackers)} slow attackers of each kind, %s`, (kind, all) => {
  test.each(all.map((attack) => [attack.name, attack] as const))(
    '%s: honest clients are served, and nothing is left of them',
    async (name, attack) => {
      const calm = new Traffic(daemon, '/', 4, { breath: 5 })
      await calm.more(timed)
      await calm.stop()
      const memory = residentMemory(daemon.pid)
      const files = openFiles(daemon.pid)

      const honest = new Traffic(daemon, '/', 4, { breath: 5 })
      const isHttps = attack.https === true || attack.alpn !== undefined
      const crowd = await Crowd.start({ ...attack, port: isHttps ? httpsPort : daemon.port, count: attackers })
      const before = honest.times.length
      await honest.more(timed)
      const meanwhile = honest.times.slice(before)
      const present = openFiles(daemon.pid) - files
      const during = residentMemory(daemon.pid) - memory
      if (attack.isCut) await crowd.untilOver(attackers)
      await crowd.leave()
      await honest.more(20)
      const outcomes = await honest.stop()
      await eventually('the descriptors are free', () => openFiles(daemon.pid) < files + filesLeft, 60_000)
      // V8 gives memory back in its own time, and only while there is something to do.
      const gentle = new Traffic(daemon, '/', 4, { breath: 20 })
      const grown = (): number => residentMemory(daemon.pid) - memory
      const mayStay = bytesLeft + (attackers * (attack.bytesEach ?? 0)) / 4
      await eventually('the memory is given back', () => grown() < mayStay, 60_000)
      await gentle.stop()
      const after = grown()

      console.log(
        `${String(crowd.opened)} × ${kind}, ${name}: ${String(present)} descriptors, daemon ` +
          `+${String(Math.round(during / 1e6))} MB, afterwards +${String(Math.round(after / 1e6))} MB; 99 % of the ` +
          `honest requests within ${percentile99(calm.times)} ms before, ` +
          `${percentile99(honest.times.slice(0, before))} ms while they came, ${percentile99(meanwhile)} ms while they were there`,
      )
      expect(Object.keys(outcomes)).toEqual(['200'])
      expect(crowd.opened).toBe(attackers)
      const each = (isHttps ? tlsBytesEach : plainBytesEach) + (attack.bytesEach ?? 0)
      expect(during).toBeLessThan(bytesLeft + attackers * each)
    },
    240_000,
  )
})
