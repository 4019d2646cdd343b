import { createServer } from 'node:net'

/**
 * Above the ports that the kernel and ancmd choose, and a thousand for each worker, so that nobody else takes one
 * between its choice and its use.
 */
const first = 61_000 + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 4) * 1000
let next = Math.floor(Math.random() * 1000)

/** A port of the loopback address on which no process listens at the moment. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const port = first + (next++ % 1000)
    if (await isFree(port)) return port
  }
  throw new Error(`no port is free from ${String(first)} on`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => {
      resolve(false)
    })
    probe.listen(port, '127.0.0.1', () => {
      probe.close(() => {
        resolve(true)
      })
    })
  })
}
