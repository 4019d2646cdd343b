// An app whose start takes until FILE exists, so that the test says when it is over. Counts what reaches it: `/seen` answers
// with every path, in order.
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'

const [file] = process.argv.slice(2)
const seen = []

const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url.endsWith('/iisintegration')) {
    response.writeHead(202).end()
    process.exit(0)
  }
  if (request.url === '/seen') {
    response.end(seen.join('\n'))
    return
  }
  seen.push(request.url)
  response.end(String(process.pid))
})

const look = setInterval(() => {
  if (!existsSync(file)) return
  clearInterval(look)
  server.listen({ port: Number(process.env.ASPNETCORE_PORT), host: '127.0.0.1', backlog: 4096 })
}, 10)
