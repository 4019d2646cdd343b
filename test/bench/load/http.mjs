// One request after the other on each of so many connections, for so many seconds.
import { connect } from 'node:net'
import { connect as connectSecurely, createSecureContext } from 'node:tls'
import { AnswerReader } from './answers.mjs'
import { requestBytes } from './request.mjs'
import { openTally } from './tally.mjs'

export async function loadHttp(task) {
  const request = requestBytes(task)
  const onceOnly = task.headers?.Connection === 'close'
  const dial = dialler(task)
  const tally = openTally()
  const open = new Set()
  let over = false

  function client() {
    let since = 0
    const socket = dial()
    open.add(socket)
    const ask = () => {
      since = performance.now()
      socket.write(request)
    }
    const answers = new AnswerReader((status) => {
      if (over) return
      if (status === 200) tally.count(since)
      else tally.fail()
      if (!onceOnly) ask()
    })
    socket.once(task.tls ? 'secureConnect' : 'connect', ask)
    socket.on('data', (bytes) => answers.read(bytes))
    socket.on('error', () => {
      if (!over) tally.fail()
    })
    socket.once('close', (failed) => {
      open.delete(socket)
      if (over) return
      if (!onceOnly && !failed) tally.fail()
      client()
    })
  }

  for (let i = 0; i < task.connections; i++) client()
  await new Promise((resolve) => setTimeout(resolve, task.seconds * 1000))
  over = true
  for (const socket of open) socket.destroy()
  return tally.result()
}

/** Opens connections to the peer. Over TLS each has a full handshake, because none is told of the session of another. */
function dialler({ port, tls, negotiated }) {
  const place = { port, host: '127.0.0.1' }
  if (!tls) return () => connect({ ...place, noDelay: true })
  const secureContext = createSecureContext({
    minVersion: negotiated.protocol,
    ciphers: negotiated.cipher,
    ecdhCurve: negotiated.group,
  })
  // The peer has shown its certificate before the load.
  return () => connectSecurely({ ...place, servername: 'localhost', secureContext, rejectUnauthorized: false })
}
