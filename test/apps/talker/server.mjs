// Writes lines when it is asked to: /write/N writes N numbered lines to stdout, /say/TEXT a line, /begin/TEXT a line
// without its end. Every answer is the process id.
import { once } from 'node:events'
import { createServer } from 'node:http'

const { ASPNETCORE_PORT: port, ASPNETCORE_TOKEN: token } = process.env
let written = 0

const server = createServer(async (request, response) => {
  if (request.headers['ms-aspnetcore-event'] === 'shutdown') {
    response.writeHead(202).end()
    process.stdout.write('the last words', () => process.exit(0))
    return
  }
  const [, act, argument = ''] = decodeURIComponent(request.url).split('/')
  if (act === 'write') await writeLines(Number(argument))
  if (act === 'say') await write(`${argument}\n`)
  if (act === 'begin') await write(argument)
  response.end(String(process.pid))
})
server.listen(Number(port), '127.0.0.1')

async function writeLines(count) {
  for (let left = count; left > 0; left -= 100) {
    const lines = Array.from({ length: Math.min(100, left) }, () => `${process.pid} ${++written} ${'.'.repeat(16)}\n`)
    await write(lines.join(''))
  }
}

async function write(text) {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

await write(`the token is ${token}\n`)
