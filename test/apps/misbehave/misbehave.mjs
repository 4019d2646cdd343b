// A small program with a fault, taken from its first argument; the others are the fault's. Listens, where it listens, on
// 127.0.0.1:$ASPNETCORE_PORT, and answers POST …/iisintegration as an app with IIS integration does.
import { spawn } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

const self = fileURLToPath(import.meta.url)
const [fault = 'serve', ...rest] = process.argv.slice(2)
const port = Number(process.env.ASPNETCORE_PORT ?? process.env.HTTP_PLATFORM_PORT ?? 0)
const after = (ms, act) => setTimeout(act, Number(ms ?? 0))
const forEver = () => setInterval(() => undefined, 1_000_000)
const say = (text) => process.stdout.write(`${text}\n`)

/** Serves; `shutdown` = what the shutdown message does: exit code after ms, or a status that means no. */
function serve({
  host = '127.0.0.1',
  ipv6Only = false,
  on = port,
  shutdown = { status: 202, code: 0, after: 0 },
  handle,
} = {}) {
  const server = createServer((request, response) => {
    const isShutdown = request.method === 'POST' && request.headers['ms-aspnetcore-event'] === 'shutdown'
    if (isShutdown && request.url.endsWith('/iisintegration')) {
      say(
        `shutdown ${request.url} host=${request.headers.host} paired=${request.headers['ms-aspnetcore-token'] === process.env.ASPNETCORE_TOKEN}`,
      )
      response.writeHead(shutdown.status).end()
      if (shutdown.status === 202) after(shutdown.after, () => process.exit(shutdown.code))
      return
    }
    if (handle !== undefined) handle(request, response)
    else response.end(`${process.pid}`)
  })
  // Wall time, microseconds within: how long until somebody noticed.
  server.listen({ host, port: on, ipv6Only }, () =>
    say(`listening at ${performance.timeOrigin + performance.now()} pid ${process.pid}`),
  )
  return server
}

/** Another process of this program. `detached`: leader of a session of its own; `bare`: it inherits nothing but the port. */
function another(args, { detached = false, bare = false, stdio = 'inherit' } = {}) {
  const env = bare ? { ASPNETCORE_PORT: String(port) } : process.env
  return spawn(process.execPath, [self, ...args], { detached, env, stdio })
}

const faults = {
  serve,
  // Shuts down, when told to, only after ms; ends with code.
  'slow-shutdown': (ms, code = 0) => serve({ shutdown: { status: 202, code: Number(code), after: Number(ms) } }),
  // Knows no shutdown message; SIGTERM ends it with 143, as .NET without a handler.
  'no-integration': () => serve({ shutdown: { status: 404 } }),
  // The same, and it answers a POST in two parts: one when it comes, one when its body has ended.
  'ends-in-mid-answer': () =>
    serve({
      shutdown: { status: 404 },
      handle: (request, response) => {
        if (request.method !== 'POST') return response.end(`${process.pid}`)
        response.write('0')
        request.on('end', () => response.end('done')).resume()
      },
    }),
  // Finishes its requests after SIGTERM, then ends cleanly.
  'drains-on-sigterm': () => {
    const server = serve({ shutdown: { status: 404 } })
    process.on('SIGTERM', () => server.close(() => process.exit(0)))
  },
  // Ends cleanly, ms after SIGTERM.
  'slow-on-sigterm': (ms) => {
    process.on('SIGTERM', () => {
      say('SIGTERM')
      after(ms, () => process.exit(0))
    })
    serve({ shutdown: { status: 404 } })
  },
  // Told to stop, it answers what it has, then waits for its clients to leave, as node's own close() does.
  'waits-for-clients': () => {
    const held = []
    const server = createServer((request, response) => {
      if (request.method === 'POST') {
        response.writeHead(202).end()
        server.close(() => process.exit(0))
        for (const waiting of held) waiting.end('held')
      } else if (request.url === '/held') {
        held.push(response)
        response.flushHeaders()
      } else response.end(`${process.pid}`)
    })
    server.keepAliveTimeout = 0
    server.listen(port, '127.0.0.1')
  },
  // Each request leaves an orphan behind, which ends soon.
  orphans: () =>
    serve({
      handle: (_request, response) =>
        spawn('sh', ['-c', 'sleep 0.05 &'], { stdio: 'ignore' }).on('exit', () => response.end(`${process.pid}`)),
    }),
  stubborn: () => {
    process.on('SIGTERM', () => say('SIGTERM ignored'))
    serve({ shutdown: { status: 404 } })
  },
  // At SIGUSR2 it closes its listener, and lives on.
  deaf: () => {
    const server = serve()
    process.on('SIGUSR2', () => server.close(() => say('deaf')))
    forEver()
  },
  // Accepts, and never answers anything.
  hang: () => createServer(() => undefined).listen(port, '127.0.0.1'),
  // Answers the shutdown message with interim heads and nothing else, as long as the connection lives.
  'only-interim-heads': () =>
    createServer((request, response) => {
      if (request.method !== 'POST') return response.end(`${process.pid}`)
      say('shutdown')
      setInterval(() => response.writeProcessing(), 50)
    }).listen(port, '127.0.0.1'),
  // Ends with code after ms, having printed what is left of the arguments.
  exit: (code, ms, ...words) => {
    if (words.length > 0) say(words.join(' '))
    after(ms, () => process.exit(Number(code)))
  },
  'serve-then-exit': (code, ms) => {
    serve()
    after(ms, () => process.exit(Number(code)))
  },
  // At SIGUSR2 it ends with code, in the middle of a line.
  'exit-on-signal': (code) => {
    serve()
    process.on('SIGUSR2', () => process.stderr.write('last wor', () => process.exit(Number(code))))
  },
  // Prints the token that it was given, and ends: at once, or at SIGUSR2 having served.
  'tell-token': (when) => {
    const end = () => process.stdout.write(`expected ${process.env.ASPNETCORE_TOKEN}\n`, () => process.exit(3))
    if (when === 'late') serve()
    if (when === 'late') process.on('SIGUSR2', end)
    else end()
  },
  'never-listen': forEver,
  'listen-late': (ms) => after(ms, serve),
  'listen-elsewhere': () => serve({ on: 0 }),
  // Comes to its port at SIGUSR2.
  'elsewhere-until-told': () => {
    serve({ on: 0 })
    process.on('SIGUSR2', () => serve())
  },
  // On another port first, and on its own after ms, as an app that offers its metrics before it is ready.
  'elsewhere-first': (ms) => {
    serve({ on: 0 })
    after(ms, serve)
  },
  'listen-v6-loopback': () => serve({ host: '::1' }),
  'listen-v6-only': () => serve({ host: '::', ipv6Only: true }),
  'listen-v6-wildcard': () => serve({ host: '::' }),
  'listen-everywhere': () => serve({ host: '0.0.0.0' }),
  // Starts the real app and stays; it ends when the app ends, as a shell script does.
  launcher: (...args) => another(args.length === 0 ? ['serve'] : args).on('exit', (code) => process.exit(code ?? 1)),
  // The app has a session of its own and an environment that tells nothing: only its parent, who stays, shows whose it is.
  'bare-session': (...args) => {
    another(args.length === 0 ? ['serve'] : args, { detached: true, bare: true })
    forEver()
  },
  // Starts the real app in this process group and goes at once.
  'leaving-launcher': (ms) => {
    another(['listen-late', '100'])
    after(ms, () => process.exit(0))
  },
  // The classic daemon: the app has a session of its own and no parent of ours.
  'double-fork': () => {
    another(['fork-and-go'], { detached: true })
    after(200, () => process.exit(0))
  },
  'fork-and-go': () => {
    another(['serve'], { detached: true })
    process.exit(0)
  },
  // A good app with a helper that nobody told to go.
  'with-helper': () => {
    const helper = another(['never-listen'], { detached: true, stdio: 'ignore' })
    say(`helper ${helper.pid}`)
    serve()
  },
  // Bytes without end on stdout, lines numbered.
  flood: () => {
    serve()
    const block = Buffer.alloc(64 * 1024, `${'x'.repeat(99)}\n`)
    const write = () => {
      while (process.stdout.write(block));
      process.stdout.once('drain', write)
    }
    write()
  },
  print: (lines, code) => {
    for (let line = 1; line <= Number(lines); line++) {
      if (line % 2 === 1) console.log(`line ${line}`)
      else console.error(`line ${line}`)
    }
    process.exitCode = Number(code)
  },
  // What it was given: arguments, environment, folder, descriptors.
  dump: (...args) => {
    const descriptors = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`]
      } catch {
        return []
      }
    })
    say(JSON.stringify({ args, env: process.env, cwd: process.cwd(), pid: process.pid, descriptors }))
  },
}

const act = faults[fault]
if (act === undefined) {
  process.stderr.write(`unknown fault '${fault}'; known: ${Object.keys(faults).join(', ')}\n`)
  process.exit(64)
}
act(...rest)
