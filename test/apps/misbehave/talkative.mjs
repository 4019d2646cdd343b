// An app that prints: without end (`flood`), line by line when it is asked (`lines`), or what it should keep to itself
// (`token`). Serves; the path says what to print now.
import { closeSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'

const block = Buffer.alloc(64 * 1024, `${'x'.repeat(99)}\n`)
let flooded = 0

/** As fast as they are taken; `flooded` counts what was. */
function flood(...streams) {
  for (const stream of streams) {
    const write = () => {
      stream.write(block, () => {
        flooded += block.length
        setImmediate(write)
      })
    }
    for (let ahead = 0; ahead < 4; ahead += 1) write()
  }
}

/** Waits for room in the pipe; a broken pipe is an answer too. */
function print(stream, text) {
  for (;;) {
    try {
      writeSync(stream, text)
      return 'printed'
    } catch (error) {
      if (error.code !== 'EAGAIN') return error.code
    }
  }
}

const token = process.env.ASPNETCORE_TOKEN

const paths = {
  flood: () => flood(process.stdout, process.stderr),
  'flood-stdout': () => flood(process.stdout),
  'flood-stderr': () => flood(process.stderr),
  flooded: () => String(flooded),
  line: (text) => print(1, `${text}\n`),
  block: () => print(1, block),
  token: () => print(1, `out ${token}\n`) + print(2, `err ${token}\n`),
  'beginning-of-token': (stream) => print(Number(stream), `[${token.slice(0, 20)}`),
  'end-of-token': (stream) => print(Number(stream), `${token.slice(20)}]\n`),
  'token-across-chunks': () => print(1, 'x'.repeat(65_516)) + print(1, `${token}\n`),
  'tell-token': () => token,
  'half-a-line': (text) => print(2, text),
  'half-a-line-of-stdout': (text) => print(1, text),
  die(code) {
    process.exit(Number(code))
  },
  'close-streams'() {
    closeSync(1)
    closeSync(2)
  },
}

if (process.argv[2] === 'token-and-exit') {
  writeFileSync(process.argv[3], token)
  print(1, `${token}\n`)
  print(2, `token=${token};\n`)
  process.exit(3)
}

createServer((request, response) => {
  const [, path, argument] = request.url.split('/')
  if (path === 'iisintegration' && request.method === 'POST') {
    response.writeHead(202).end()
    process.exit(0)
  }
  response.end(String(paths[path]?.(argument) ?? process.pid))
}).listen(Number(process.env.ASPNETCORE_PORT), '127.0.0.1')
