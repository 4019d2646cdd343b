import { statSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

/** How long another daemon is waited for that opens its socket. */
const times = { limitMs: 5000, retryMs: 20 }

/**
 * Waits until no other daemon of this user opens a socket in this folder. Where there is no lock, and where another
 * program has taken it for long, it goes on without.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  if (process.platform !== 'linux') return () => undefined
  const { dev, ino } = statSync(folder)
  const name = `\0ancmd-control/${String(process.geteuid?.())}/${String(dev)}/${String(ino)}`
  const until = performance.now() + times.limitMs
  while (performance.now() < until) {
    const held = await hold(name)
    if (held !== undefined) return () => held.close()
    await new Promise((resolve) => setTimeout(resolve, times.retryMs))
  }
  return () => undefined
}

function hold(name: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', () => {
      resolve(undefined)
    })
    server.listen(name, () => {
      resolve(server)
    })
  })
}
