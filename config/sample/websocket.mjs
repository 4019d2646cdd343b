// Just enough of RFC 6455 to echo text messages, so that the sample needs no package.
import { createHash } from 'node:crypto'

/** Accepts the upgrade; returns a function that closes the socket politely. */
export function echoSocket(req, socket, head) {
  const key = req.headers['sec-websocket-key']
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  let pending = head
  const read = () => {
    for (let frame = firstFrame(pending); frame !== undefined; frame = firstFrame(pending)) {
      pending = pending.subarray(frame.size)
      if (frame.opcode === 8) socket.end(frameOf(8, frame.payload))
      else if (frame.opcode === 9) socket.write(frameOf(10, frame.payload))
      else if (frame.opcode === 1) socket.write(frameOf(1, frame.payload))
    }
    // Nobody types a message of this size: such a peer is not the page.
    if (pending.length > 70_000) socket.destroy()
  }
  socket.on('error', () => socket.destroy())
  socket.on('end', () => socket.end())
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk])
    read()
  })
  read()
  return () => socket.end(frameOf(8, Buffer.concat([Buffer.from([0x03, 0xe9]), Buffer.from('the app stops')])))
}

/** The first whole client frame; messages of this page stay below 64 KiB. */
function firstFrame(bytes) {
  if (bytes.length < 2) return undefined
  const short = bytes[1] & 0x7f
  const at = short === 126 ? 4 : 2
  if (bytes.length < at) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short
  const size = at + 4 + length
  if (bytes.length < size) return undefined
  const mask = bytes.subarray(at, at + 4)
  const payload = Buffer.from(bytes.subarray(at + 4, size))
  for (let i = 0; i < payload.length; i += 1) payload[i] ^= mask[i % 4]
  return { opcode: bytes[0] & 0x0f, payload, size }
}

function frameOf(opcode, payload) {
  const head =
    payload.length < 126
      ? [0x80 | opcode, payload.length]
      : [0x80 | opcode, 126, payload.length >> 8, payload.length & 0xff]
  return Buffer.concat([Buffer.from(head), payload])
}
