// Any program that listens where it is told: no pairing token, no IIS integration. The port is the first argument, or
// HTTP_PLATFORM_PORT, or ASPNETCORE_PORT. It answers with what it was given.
import { createServer } from 'node:http'

const port = Number(process.argv[2] ?? process.env.HTTP_PLATFORM_PORT ?? process.env.ASPNETCORE_PORT)

const server = createServer((req, res) => {
  res.setHeader('Content-Type', 'application/json')
  res.end(
    JSON.stringify({
      pid: process.pid,
      port,
      argv: process.argv.slice(2),
      url: req.url,
      rawHeaders: req.rawHeaders,
      environment: process.env,
    }),
  )
})

process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
server.listen(port, '127.0.0.1')
