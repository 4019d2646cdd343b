// An app that answers wrongly, by path, on a raw socket, so that no library mends the answer. Paths it does not know are
// answered with its pid, on connections that are kept alive. `/break` does what an answer has put off until then.
import { createServer } from 'node:net'

const good = (body, more = '') => `HTTP/1.1 200 OK\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const megabyte = Buffer.alloc(1024 * 1024, 'x')

let hanging = 0
let sending = 0
const putOff = []

/** The beginning of an answer now, what is wrong with it later. */
const later = (beginning, act) => (socket) => {
  socket.write(beginning)
  putOff.push(() => act(socket))
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const ofHundred = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'

/** Writes for as long as the other side lives. */
function withoutEnd(socket, block) {
  const write = () => {
    while (!socket.destroyed && socket.write(block));
  }
  socket.on('drain', write)
  write()
}

const answers = {
  '/hang'(socket) {
    hanging += 1
    socket.once('close', () => {
      hanging -= 1
    })
  },
  '/hanging': (socket) => socket.write(good(String(hanging))),
  '/sending': (socket) => socket.write(good(String(sending))),
  '/garbage': (socket) => socket.end('\x16\x03\x01 what is this? \0\0\r\n\r\n<h1>never to be seen</h1>'),
  '/garbage-without-end': (socket) => withoutEnd(socket, Buffer.alloc(65_536, 'GARBAGE ')),
  '/close': (socket) => socket.end(),
  '/reset': (socket) => socket.resetAndDestroy(),
  '/half-a-head': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
  '/break'(socket) {
    for (const act of putOff.splice(0)) act()
    socket.write(good('broken'))
  },
  '/short': later(`${ofHundred}only this`, (socket) => socket.end()),
  '/short-and-reset': later(`${ofHundred}only this`, (socket) => socket.resetAndDestroy()),
  '/chunks-without-end': later(`${chunked}9\r\nonly this\r\n`, (socket) => socket.end()),
  '/half-a-chunk': later(`${chunked}ff\r\nonly this`, (socket) => socket.end()),
  '/broken-chunk': later(`${chunked}9\r\nonly this\r\n`, (socket) => socket.write('zz\r\nmore\r\n0\r\n\r\n')),
  '/huge-head': (socket) => socket.write(good('huge', `X-Huge: ${'h'.repeat(100_000)}\r\n`)),
  '/head-without-end'(socket) {
    socket.write('HTTP/1.1 200 OK\r\n')
    withoutEnd(socket, `X-More: ${'m'.repeat(1000)}\r\n`.repeat(64))
  },
  '/interim-without-end': (socket) => withoutEnd(socket, 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(64)),
  '/two-lengths': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'),
  '/two-framings': (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n'),
  '/unasked-switch': (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
  // The extra bytes look like the answer to the next request on this connection.
  '/more-than-said': (socket) => socket.write(good('said') + good('POISON')),
  '/more-later': later(good('said'), (socket) => socket.write(good('POISON'))),
  '/quarter': (socket) => socket.write(good('x'.repeat(262_144))),
  '/large'(socket) {
    sending += 1
    socket.once('close', () => {
      sending -= 1
    })
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 20971520\r\n\r\n')
    let left = 20
    const write = () => {
      while (left > 0 && !socket.destroyed) {
        left -= 1
        if (!socket.write(megabyte)) return
      }
    }
    socket.on('drain', write)
    write()
  },
}

createServer((socket) => {
  let text = ''
  socket.setNoDelay()
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const [method, target = '/'] = text.slice(0, end).split(' ')
      text = text.slice(end + 4)
      if (method === 'POST' && target.endsWith('/iisintegration')) {
        socket.write('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n', () => process.exit(0))
        return
      }
      const answer = answers[target.split('?', 1)[0]] ?? (() => socket.write(good(String(process.pid))))
      answer(socket)
    }
  })
}).listen(Number(process.env.ASPNETCORE_PORT), '127.0.0.1')
