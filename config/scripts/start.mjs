// `npm start`: hosts config/sample on port 8080, or on any free port when that one is taken, until it is told to stop.
//
// The daemon runs in a session of its own, because both the terminal and npm send a signal here: it must get one SIGTERM,
// not two (its second one means "at once"). What comes twice within 200 ms is one wish; a later one is passed on as well.
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'
import { setUp, top } from './setup.mjs'

setUp()

const port = (await freePort(8080)) ?? (await freePort(0))
const options = process.argv.slice(2)
const daemon = spawn(process.execPath, ['dist/main.js', 'run', 'config/sample', '--port', String(port), ...options], {
  cwd: top,
  stdio: 'inherit',
  detached: true,
})

let lastSignal = -Infinity
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    const now = performance.now()
    if (now - lastSignal > 200) daemon.kill('SIGTERM')
    lastSignal = now
  })
}

daemon.on('error', (error) => {
  console.error(`The daemon could not be started: ${error.message}`)
  process.exit(1)
})
daemon.on('exit', (code, signal) => {
  process.exit(code ?? 128 + constants.signals[signal])
})

if (await accepts(port)) {
  console.log(`\nThe sample app is at http://localhost:${port}/ (it starts with the first request; Ctrl+C stops it)\n`)
}

/** The port if it is free on every address, else undefined; 0 becomes any free one. */
function freePort(wanted) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(undefined))
    probe.listen(wanted, () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** True as soon as somebody listens there; false when the daemon ends first. */
async function accepts(port) {
  while (daemon.exitCode === null && daemon.signalCode === null) {
    const answered = await new Promise((resolve) => {
      const socket = connect(port, 'localhost', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (answered) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}
