import { readdirSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ListenTable } from '../../../../src/process/system/listen-table.ts'
import { ListenWatch } from '../../../../src/process/system/listen-watch.ts'
import { SocketCount } from '../../../../src/process/system/socket-count.ts'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

async function listen(host: string, port = 0, ipv6Only = false): Promise<number> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen({ host, port, ipv6Only }, resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function rowsOf(family: 'tcp' | 'tcp6') {
  const table = ListenTable.open(family)
  const rows = table?.rows() ?? []
  table?.close()
  return rows
}

test.each([
  ['tcp', '127.0.0.1', '127.0.0.1'],
  ['tcp', '0.0.0.0', '0.0.0.0'],
  ['tcp6', '::', '[::]'],
  ['tcp6', '::1', '[::1]'],
  ['tcp6', '::ffff:127.0.0.1', '127.0.0.1'],
] as const)('a listener is seen in %s: %s', async (family, host, address) => {
  const port = await listen(host)
  const row = rowsOf(family).find((found) => found.port === port)
  expect(row).toMatchObject({ address, port, uid: process.getuid?.() })
  expect(row?.inode).toBeGreaterThan(0)
})

test('more listeners than fit into one read are all returned', async () => {
  const ports = await Promise.all(Array.from({ length: 60 }, () => listen('127.0.0.1')))
  const seen = new Set(rowsOf('tcp').map((row) => row.port))
  expect(ports.filter((port) => !seen.has(port))).toEqual([])
})

test('a table that is kept open shows what has changed', async () => {
  const table = ListenTable.open('tcp')
  const port = await listen('127.0.0.1')
  expect(table?.rows().some((row) => row.port === port)).toBe(true)
  await new Promise((resolve) => servers.pop()?.close(resolve))
  expect(table?.rows().some((row) => row.port === port)).toBe(false)
  table?.close()
})

test('the count of sockets has changed after a socket was opened', async () => {
  const socketCount = new SocketCount('tcp')
  expect(socketCount.hasChanged()).toBe(true)
  // Other programs on this machine have sockets too: only that it rings can be asserted, not that it is silent.
  // One of those may be closed in the same moment, so that their number stays; but not each time.
  let rings = false
  for (let time = 0; time < 10 && !rings; time += 1) {
    await listen('127.0.0.1')
    rings = socketCount.hasChanged()
  }
  expect(rings).toBe(true)
  socketCount.close()
})

test('a watch finds a new listener, and leaves no descriptor open', async () => {
  const before = readdirSync('/proc/self/fd').length
  const port = await listen('127.0.0.1')
  let now = 0
  const watch = new ListenWatch(port, () => now)
  expect(watch.look().map((row) => row.address)).toEqual(['127.0.0.1'])
  await new Promise((resolve) => servers.pop()?.close(resolve))
  now = 1000
  expect(watch.look()).toEqual([])
  await listen('0.0.0.0', port)
  now = 2000
  expect(watch.look().map((row) => row.address)).toEqual(['0.0.0.0'])
  await new Promise((resolve) => servers.pop()?.close(resolve))
  watch.close()
  expect(readdirSync('/proc/self/fd').length).toBe(before)
})

test('a watch finds a listener that opened as another socket closed, so that the count did not change', async () => {
  await listen('127.0.0.1')
  const [going] = servers
  const port = await listen('127.0.0.1')
  await new Promise((resolve) => servers.pop()?.close(resolve))
  let now = 0
  const watch = new ListenWatch(port, () => now)
  expect(watch.look()).toEqual([])
  await new Promise((resolve) => going?.close(resolve))
  await listen('127.0.0.1', port)
  now = 10_000
  expect(watch.look().map((row) => row.port)).toEqual([port])
  watch.close()
})
