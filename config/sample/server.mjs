// The sample app: an ordinary HTTP server that knows the three things an app behind ancmd has to know: where to listen,
// which requests to trust, and when to stop.
import { createServer } from 'node:http'
import { page } from './page.mjs'
import { echoSocket } from './websocket.mjs'

const { ASPNETCORE_PORT, ASPNETCORE_TOKEN, ASPNETCORE_APPL_PATH = '/' } = process.env
if (!ASPNETCORE_PORT || !ASPNETCORE_TOKEN) {
  console.error('This app is started by its front: ancmd run config/sample (or npm start in the checkout).')
  process.exit(1)
}

const base = ASPNETCORE_APPL_PATH.replace(/\/$/, '')
const started = performance.now()
const sockets = new Set()
const streams = new Set()
let requests = 0
let inFlight = 0
let stopping = false

const server = createServer({ keepAliveTimeout: 130_000 }, (req, res) => {
  if (!isPaired(req)) return answer(res, 400, '')
  const path = pathOf(req)
  if (isShutdown(req, path)) {
    answer(res, 202, '')
    return stop()
  }
  requests += 1
  inFlight += 1
  res.once('close', () => {
    inFlight -= 1
    leaveWhenDone()
  })
  if (path === '/') return answer(res, 200, page(facts(req)), 'text/html; charset=utf-8')
  if (path === '/crash') return answer(res, 200, 'The process ends now.\n').once('close', () => process.exit(3))
  if (path === '/stream') return stream(res)
  answer(res, 404, 'Nothing here.\n')
})

server.on('upgrade', (req, socket, head) => {
  if (!isPaired(req) || pathOf(req) !== '/echo' || stopping) {
    return socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  }
  const close = echoSocket(req, socket, head)
  sockets.add(close)
  socket.once('close', () => {
    sockets.delete(close)
    leaveWhenDone()
  })
})

process.on('SIGTERM', stop)
process.on('SIGINT', stop)
server.listen(Number(ASPNETCORE_PORT), '127.0.0.1')

/** Only the front knows the token; whoever comes to the port directly is turned away. */
function isPaired(req) {
  return req.headers['ms-aspnetcore-token'] === ASPNETCORE_TOKEN
}

function isShutdown(req, path) {
  const event = req.headers['ms-aspnetcore-event']
  return req.method === 'POST' && path === '/iisintegration' && event?.trim().toLowerCase() === 'shutdown'
}

/** The path below the application's own, e.g. `/crash` for `/sub/crash` in the application `/sub`. */
function pathOf(req) {
  const path = req.url.split('?', 1)[0]
  return path.toLowerCase().startsWith(base.toLowerCase()) ? path.slice(base.length) || '/' : path
}

function facts(req) {
  const headers = []
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const [name, value] = [req.rawHeaders[i], req.rawHeaders[i + 1]]
    headers.push([name, /^ms-aspnetcore-token$/i.test(name) ? 'came, and fits (never shown)' : value])
  }
  return {
    base,
    headers,
    requests,
    pid: process.pid,
    port: Number(ASPNETCORE_PORT),
    seconds: (performance.now() - started) / 1000,
    node: process.version,
  }
}

function answer(res, status, body, type = 'text/plain; charset=utf-8') {
  if (stopping) res.shouldKeepAlive = false
  res.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  })
  return res.end(body)
}

/** Ten server-sent events, one each half second. */
function stream(res) {
  let count = 0
  const next = () => {
    count += 1
    res.write(`data: event ${count} of 10\n\n`)
    if (count === 10) finish()
  }
  const timer = setInterval(next, 500)
  const finish = () => {
    clearInterval(timer)
    streams.delete(finish)
    res.end('event: end\ndata: the end\n\n')
  }
  streams.add(finish)
  res.once('close', () => {
    clearInterval(timer)
    streams.delete(finish)
  })
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  next()
}

/** Gently: no new connections; what is under way ends by itself; what would go on for long is told to end. */
function stop() {
  if (stopping) return
  stopping = true
  server.close()
  for (const close of sockets) close()
  for (const finish of streams) finish()
  leaveWhenDone()
}

function leaveWhenDone() {
  if (stopping && inFlight === 0 && sockets.size === 0) process.exit(0)
}
