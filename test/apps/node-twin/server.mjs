// The Node twin of the ASP.NET Core test app: the same endpoints, up in 50 ms. It speaks the IIS-integration protocol by
// itself and has no dependencies, so that a copy of this folder runs anywhere.
import { createServer } from 'node:http'
import { endpointFor } from './endpoints.mjs'
import { admit } from './integration.mjs'
import { Lifetime } from './lifetime.mjs'
import { runMode } from './modes.mjs'
import { answerText } from './replies.mjs'
import { upgradeToWebSocket } from './websocket.mjs'

const mode = await runMode(process.argv.slice(2))
const life = new Lifetime({
  hangOnStop: mode.hangOnStop,
  shutdownDelay: Number(process.env.ANCMTestShutdownDelay ?? 0),
})

let firstRequestDelay = mode.firstRequestDelay

const server = createServer({ maxHeaderSize: 32_768, keepAliveTimeout: 130_000, requestTimeout: 0 }, (req, res) => {
  life.enter(res)
  const admission = admit(req)
  if (admission.refused !== undefined) return answerText(res, '', { status: admission.refused })
  if (admission.shutdown) {
    life.journal('shutdown-message')
    answerText(res, '', { status: 202 })
    return life.stop()
  }
  void serve({ ...admission.context, req, res, life })
})

async function serve(context) {
  try {
    if (firstRequestDelay > 0) {
      const delay = firstRequestDelay
      firstRequestDelay = 0
      await new Promise((resolve) => setTimeout(resolve, delay))
    }
    const { run, rest } = endpointFor(context.path)
    await run({ ...context, rest })
  } catch (error) {
    if (context.res.headersSent || context.res.destroyed) context.res.destroy()
    else answerText(context.res, String(error), { status: 500 })
  }
}

server.on('upgrade', (req, socket, head) => {
  const admission = admit(req)
  if (admission.refused !== undefined || admission.shutdown) {
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    return
  }
  upgradeToWebSocket({ ...admission.context, req, socket, head, life })
})

process.on('SIGTERM', () => {
  life.journal('signal SIGTERM')
  life.stop()
})
process.on('SIGINT', () => {
  life.journal('signal SIGINT')
  life.stop()
})

server.listen(Number(process.env.ASPNETCORE_PORT), '127.0.0.1', () => {
  life.serve(server)
  life.journal(`started ${process.pid} ${process.env.ASPNETCORE_PORT} ${process.env.ASPNETCORE_TOKEN}`)
})
