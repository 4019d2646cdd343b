// `npm run soak:loops`: two hundred clients that POST again and again over kept-alive connections, while the daemon is stopped,
// the application recycled, or put offline; each so often. A request that was sent and not answered to its end is lost. Linux.
import { once } from 'node:events'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { setUp, top } from '../../config/scripts/setup.mjs'
import { endAll, freePort, hasEnded, scratch, start, untilListening } from '../bench/children.mjs'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '10' },
    clients: { type: 'string', default: '200' },
    engine: { type: 'string', default: 'wire' },
  },
})
const body = 'x'.repeat(1000)
const request = `POST /EchoPostData HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`

/** What happens to the daemon while the clients go on; it resolves when that is over. */
const happenings = {
  async stop({ daemon }) {
    const ended = once(daemon, 'exit')
    daemon.kill('SIGTERM')
    await ended
  },
  async recycle({ daemon }) {
    daemon.kill('SIGUSR2')
    await pause(1500)
  },
  async offline({ folder }) {
    writeFileSync(join(folder, 'app_offline.htm'), 'back soon')
    await pause(1000)
    rmSync(join(folder, 'app_offline.htm'))
    await pause(1000)
  },
}

setUp()
let failures = 0
try {
  for (const [name, happen] of Object.entries(happenings)) {
    const sum = { answered: 0, pages: 0, lost: 0 }
    for (let round = 0; round < Number(values.times); round += 1) await tryOnce(happen, sum)
    const times = `${values.times} times`
    console.log(`${name}, ${times}: ${sum.answered} answered, ${sum.pages} pages of 503, ${sum.lost} lost`)
    failures += sum.lost
  }
} finally {
  await endAll()
}
process.exitCode = failures === 0 ? 0 : 1

async function tryOnce(happen, sum) {
  const folder = join(scratch, 'app')
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(top, 'test/apps/node-twin'), folder, { recursive: true })
  const port = await freePort()
  const place = ['--port', String(port), '--host', '127.0.0.1', '--engine', values.engine, '--log-format', 'json']
  const daemon = start([process.execPath, join(top, 'dist/main.js'), 'run', folder, ...place])
  await untilListening(daemon, port)
  const crew = { running: true, port, sum }
  const clients = Array.from({ length: Number(values.clients) }, () => loop(crew))
  await pause(1000)
  await happen({ daemon, folder })
  crew.running = false
  await Promise.all(clients)
  if (hasEnded(daemon)) return
  const ended = once(daemon, 'exit')
  daemon.kill('SIGTERM')
  await ended
}

/** One client: a connection after the other, a request after the other, until nobody listens or the round is over. */
async function loop(crew) {
  while (crew.running) {
    const socket = connect(crew.port, '127.0.0.1')
    const connected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (!connected) return
    await overOne(socket, crew)
    socket.destroy()
  }
}

/** Requests over one connection; resolves when that ends, or an answer said that it was the last. */
function overOne(socket, crew) {
  const { sum } = crew
  return new Promise((resolve) => {
    let received = ''
    let isAsking = false
    const ask = () => {
      isAsking = true
      socket.write(request)
    }
    const end = () => {
      if (isAsking) sum.lost += 1
      isAsking = false
      resolve()
    }
    socket.setEncoding('latin1').on('data', (text) => {
      received += text
      const answer = firstAnswer(received)
      if (answer === undefined) return
      received = ''
      isAsking = false
      if (answer.status === 200) sum.answered += 1
      else if (answer.status === 503) sum.pages += 1
      else sum.lost += 1
      if (answer.isLast || !crew.running) resolve()
      else ask()
    })
    socket
      .on('error', () => {})
      .on('end', end)
      .on('close', end)
    ask()
  })
}

/** {status, isLast} of a whole answer; undefined while something of it is missing. */
function firstAnswer(text) {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = text.slice(0, headEnd)
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  const rest = text.slice(headEnd + 4)
  const isWhole = length === undefined ? rest.endsWith('0\r\n\r\n') : rest.length >= Number(length)
  if (!isWhole) return undefined
  return { status: Number(head.slice(9, 12)), isLast: /^connection: *close/im.test(head) }
}
