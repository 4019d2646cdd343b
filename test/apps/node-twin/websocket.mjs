// An echo endpoint over RFC 6455 frames, written out so that the app needs no package.
import { createHash } from 'node:crypto'

const paths = ['/websocket', '/websocketecho', '/websocketsubprotocol']
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 }

export function upgradeToWebSocket({ path, req, socket, head, life }) {
  const key = req.headers['sec-websocket-key']
  if (!paths.includes(path.toLowerCase()) || req.headers.upgrade.toLowerCase() !== 'websocket' || key === undefined) {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    return
  }
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const protocol = path.toLowerCase().endsWith('subprotocol')
    ? 'Sec-WebSocket-Protocol: mywebsocketsubprotocol\r\n'
    : ''
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol}\r\n`,
  )
  let echoing = true
  let repeat = 1
  let closing = false
  const closeFromServer = () => {
    if (closing) return
    closing = true
    socket.write(
      frame(opcodes.close, true, Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.from('ClosingFromServer')])),
    )
  }
  life.enterUpgraded(socket, closeFromServer)
  let pending = head
  const read = (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (let next = parse(pending); next !== undefined; next = parse(pending)) {
      pending = pending.subarray(next.size)
      receive(next)
    }
  }
  const receive = ({ opcode, fin, payload }) => {
    if (opcode === opcodes.close) {
      if (!closing) socket.write(frame(opcodes.close, true, payload))
      socket.end()
      return
    }
    if (opcode === opcodes.ping) return socket.write(frame(opcodes.pong, true, payload))
    if (opcode === opcodes.pong) return
    const word = opcode === opcodes.text ? payload.toString() : ''
    if (word === 'CloseFromServer') return closeFromServer()
    if (word === '_on' || word === '_off') echoing = word === '_on'
    if (/^_10*$/.test(word)) repeat = Number(word.slice(1))
    if (echoing) for (let i = 0; i < repeat; i += 1) socket.write(frame(opcode, fin, payload))
  }
  socket.on('data', read).on('error', () => socket.destroy())
  socket.on('end', () => socket.end())
  if (head.length > 0) read(Buffer.alloc(0))
}

/** The first whole client frame in the bytes, or undefined. */
function parse(bytes) {
  if (bytes.length < 2) return undefined
  let length = bytes[1] & 0x7f
  let at = 2
  if (length === 126) {
    if (bytes.length < 4) return undefined
    length = bytes.readUInt16BE(2)
    at = 4
  } else if (length === 127) {
    if (bytes.length < 10) return undefined
    length = Number(bytes.readBigUInt64BE(2))
    at = 10
  }
  const size = at + 4 + length
  if (bytes.length < size) return undefined
  const mask = bytes.subarray(at, at + 4)
  const payload = Buffer.from(bytes.subarray(at + 4, size)).map((byte, i) => byte ^ mask[i % 4])
  return { opcode: bytes[0] & 0x0f, fin: (bytes[0] & 0x80) !== 0, payload: Buffer.from(payload), size }
}

function frame(opcode, fin, payload) {
  const first = (fin ? 0x80 : 0) | opcode
  if (payload.length < 126) return Buffer.concat([Buffer.from([first, payload.length]), payload])
  const header = Buffer.alloc(payload.length < 65_536 ? 4 : 10)
  header[0] = first
  if (payload.length < 65_536) {
    header[1] = 126
    header.writeUInt16BE(payload.length, 2)
  } else {
    header[1] = 127
    header.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  return Buffer.concat([header, payload])
}
