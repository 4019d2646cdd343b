// WebSocket messages that come back: on each of so many connections one at a time, for so many seconds.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { requestBytes } from './request.mjs'
import { openTally } from './tally.mjs'

const size = 64
const mask = Buffer.from([0x5a, 0xa5, 0x3c, 0xc3])
const message = Buffer.alloc(size, 'ancmd ')
/** Final binary frame: as a client sends it, masked, and as it comes back. */
const sent = Buffer.concat([Buffer.from([0x82, 0x80 | size]), mask, message.map((byte, i) => byte ^ mask[i & 3])])
const returned = Buffer.concat([Buffer.from([0x82, size]), message])

export async function loadWebSocket(task) {
  const tally = openTally()
  let over = false
  const clients = await Promise.all(Array.from({ length: task.connections }, () => upgrade(task)))
  for (const socket of clients) {
    let since = 0
    let rest = Buffer.alloc(0)
    const ask = () => {
      since = performance.now()
      socket.write(sent)
    }
    socket.on('data', (bytes) => {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
      if (over || rest.length < returned.length) return
      if (rest.equals(returned)) tally.count(since)
      else tally.fail()
      rest = Buffer.alloc(0)
      ask()
    })
    socket.once('close', () => {
      if (!over) tally.fail()
    })
    ask()
  }
  await new Promise((resolve) => setTimeout(resolve, task.seconds * 1000))
  over = true
  for (const socket of clients) socket.destroy()
  return tally.result()
}

/** A connection on which frames may travel. */
function upgrade({ port, path, headers }) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const fields = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': 13,
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  }
  socket.write(requestBytes({ path, port, headers: fields }))
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('the connection ended before the upgrade')))
    socket.once('data', (head) => {
      const text = head.toString('latin1')
      if (text.startsWith('HTTP/1.1 101') && text.endsWith('\r\n\r\n')) resolve(socket)
      else reject(new Error(`no upgrade, but ${text.slice(0, 40)}`))
    })
  })
}
