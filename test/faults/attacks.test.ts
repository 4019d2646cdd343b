import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as secure } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { testCertificate } from '../support/certificate.ts'
import type { Daemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { openFiles, residentMemory } from '../support/processes.ts'
import { app } from './support/apps.ts'
import { Traffic } from './support/traffic.ts'

/** Of each kind, one kind after the other. */
const attackers = 2_000
/** Of slow readers: each is sent megabytes before the daemon stops, and occupies what the system buffers for it. */
const slowReaders = 200
/** Of those that speak HTTP/2: each needs a whole handshake, also on the side of the test. */
const http2Attackers = 300
/** What the daemon may take for each attacker while they attack, and for all of them when they have gone, in bytes. */
const bytesEach = 40_000
const bytesEachReader = 200_000
const bytesLeft = 60_000_000
/** Descriptors that may remain: connections to the application that wait for the next request. */
const filesLeft = 300

interface Attack {
  readonly name: string
  readonly count: number
  /** Connects to the https port; `h2`: with a TLS handshake that negotiates HTTP/2. */
  readonly https?: boolean | 'h2'
  readonly bytesEach?: number
  /** What each attacker sends first. */
  readonly first: Buffer
  /** What it sends four times a second. */
  readonly drip?: Buffer
  readonly isReading?: boolean
  /** Whether the daemon has to end these connections, within half a minute; else the attackers leave by themselves. */
  readonly isCut: boolean
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
/** The beginning of a TLS record with a ClientHello, without its end. */
const partOfHello = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])

const attacks: readonly Attack[] = [
  { name: 'silent connections', count: attackers, first: bytes(''), isCut: true },
  {
    name: 'heads that never end',
    count: attackers,
    first: bytes('GET / HTTP/1.1\r\n'),
    drip: bytes('X: y\r\n'),
    isCut: true,
  },
  {
    name: 'bodies byte by byte',
    count: attackers,
    first: bytes('POST /hang HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n'),
    drip: bytes('x'),
    isCut: true,
  },
  { name: 'idle connections', count: attackers, first: bytes('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), isCut: true },
  {
    name: 'answers that nobody reads',
    count: slowReaders,
    first: bytes('GET /large HTTP/1.1\r\nHost: x\r\n\r\n'),
    isReading: false,
    bytesEach: bytesEachReader,
    isCut: false,
  },
  { name: 'TLS handshakes that never end', count: attackers, https: true, first: partOfHello, isCut: true },
  {
    name: 'requests in plain HTTP on the https port',
    count: attackers,
    https: true,
    first: bytes('GET / HT'),
    isCut: true,
  },
]

/** A SETTINGS frame without settings, and the beginning of a HEADERS frame of 64 bytes on stream 1. */
const http2Beginning = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 64, 1, 5, 0, 0, 0, 1, 0x82])
const http2Attack: Attack = {
  name: 'HTTP/2 connections with half a HEADERS frame',
  count: http2Attackers,
  https: 'h2',
  first: Buffer.concat([bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), http2Beginning]),
  bytesEach: bytesEachReader,
  isCut: false,
}

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
    site: '<limits connectionTimeout="00:00:05" />',
    applicationHost: '<webLimits headerWaitTimeout="00:00:05" />',
  })
  await daemon.text('/')
}, 60_000)

/** Opens the attackers' connections; resolves when all are open. */
async function begin({ count, https, first, isReading }: Attack): Promise<Socket[]> {
  const port = https === undefined ? daemon.port : httpsPort
  const sockets: Socket[] = []
  for (let opened = 0; opened < count; opened += 100) {
    const some = Array.from({ length: Math.min(100, count - opened) }, async () => {
      const to = { host: '127.0.0.1', port }
      const isSecure = https === 'h2'
      const socket = isSecure ? secure({ ...to, ALPNProtocols: ['h2'], rejectUnauthorized: false }) : connect(to)
      socket.on('error', () => undefined)
      await new Promise((resolve) => {
        socket.once(isSecure ? 'secureConnect' : 'connect', resolve).once('close', resolve)
      })
      if (isReading !== false) socket.resume()
      if (first.length > 0) socket.write(first)
      sockets.push(socket)
    })
    await Promise.all(some)
  }
  return sockets
}

function percentile99(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  return (sorted[Math.floor(sorted.length * 0.99)] ?? 0).toFixed(0)
}

describe('slow attackers', () => {
  test.each([...attacks, http2Attack].map((attack) => [`${String(attack.count)} ${attack.name}`, attack] as const))(
    '%s: honest clients are served, and nothing is left of them',
    async (_title, attack) => {
      const calm = new Traffic(daemon, '/', 4, { breath: 20 })
      await calm.more(40)
      await calm.stop()
      const memory = residentMemory(daemon.pid)
      const files = openFiles(daemon.pid)

      const honest = new Traffic(daemon, '/', 4, { breath: 20 })
      const sockets = await begin(attack)
      const dripping = setInterval(() => {
        if (attack.drip === undefined) return
        for (const socket of sockets) if (socket.writable) socket.write(attack.drip)
      }, 250)
      await honest.more(40)
      const during = residentMemory(daemon.pid) - memory
      const isOver = (): boolean => sockets.every((socket) => socket.closed || socket.readableEnded)
      if (attack.isCut) await eventually('the daemon has cut them all', () => isOver(), 60_000)
      clearInterval(dripping)
      for (const socket of sockets) socket.destroy()
      await honest.more(20)
      const outcomes = await honest.stop()
      await eventually('the descriptors are free', () => openFiles(daemon.pid) < files + filesLeft, 60_000)
      const after = residentMemory(daemon.pid) - memory

      console.log(
        `${String(attack.count)} ${attack.name}: daemon +${String(Math.round(during / 1e6))} MB, ` +
          `afterwards +${String(Math.round(after / 1e6))} MB; 99 % of the honest requests within ` +
          `${percentile99(honest.times)} ms, ${percentile99(calm.times)} ms without the attack`,
      )
      expect(Object.keys(outcomes)).toEqual(['200'])
      expect(during).toBeLessThan(bytesLeft + attack.count * (attack.bytesEach ?? bytesEach))
      expect(after).toBeLessThan(bytesLeft)
    },
    120_000,
  )
})
