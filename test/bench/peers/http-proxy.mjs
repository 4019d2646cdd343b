// The http-proxy package named by PACKAGE, from BENCH_PORT to BENCH_UP on 127.0.0.1, adding the fields that ancmd
// adds. KEEP_ALIVE=1 gives it an agent; without one it opens a connection to the app for each request.
import { Agent, createServer } from 'node:http'
import { createRequire } from 'node:module'

const { PACKAGE, KEEP_ALIVE, BENCH_PORT, BENCH_UP, BENCH_TOKEN } = process.env
const { createProxyServer } = createRequire(import.meta.url)(PACKAGE)

const agent = KEEP_ALIVE === '1' ? new Agent({ keepAlive: true, maxSockets: 256 }) : undefined
const proxy = createProxyServer({ target: { host: '127.0.0.1', port: Number(BENCH_UP) }, agent })
proxy.on('error', (_error, _request, response) => {
  if (response?.headersSent === false) response.writeHead(502).end()
  else response?.destroy()
})

function addFields({ headers, socket }) {
  const client = `${socket.remoteAddress}:${socket.remotePort}`
  const before = headers['x-forwarded-for']
  headers['x-forwarded-for'] = before === undefined ? client : `${before}, ${client}`
  headers['x-forwarded-proto'] = 'http'
  headers['ms-aspnetcore-token'] = BENCH_TOKEN
}

createServer({ noDelay: true, keepAliveTimeout: 600_000 }, (request, response) => {
  addFields(request)
  proxy.web(request, response)
})
  .on('upgrade', (request, socket, head) => {
    addFields(request)
    proxy.ws(request, socket, head)
  })
  .listen(Number(BENCH_PORT), '127.0.0.1', 4096)
