import { createServer, get } from 'node:http'
import { type AddressInfo, connect, createServer as createNetServer, type Server, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { ApplicationAgent } from '../../../../src/forward/http-proxy/application-agent.ts'
import { ClientAgents } from '../../../../src/forward/http-proxy/client-agents.ts'
import { freeConnections } from '../../../../src/forward/free-connections.ts'
import type { Connection } from '../../../../src/http/exchange.ts'

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** An app that answers when as many requests have come; and the connections that it has. */
async function openApp(together: number): Promise<{ readonly port: number; readonly open: Set<Socket> }> {
  const open = new Set<Socket>()
  const waiting: (() => void)[] = []
  const server = createServer((_request, response) => {
    waiting.push(() => response.end('ok'))
    if (waiting.length === together) for (const answer of waiting.splice(0)) answer()
  })
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  return { port: await listening(server), open }
}

function ask(agent: ApplicationAgent, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('close', resolve)).on('error', reject)
  })
}

test('a free connection ends at its time limit', async () => {
  const agent = new ApplicationAgent({ max: 2, idle: 50 })
  const { port, open } = await openApp(1)
  await ask(agent, port)
  expect(open.size).toBe(1)
  await expect.poll(() => open.size).toBe(0)
})

test('no more free connections are kept than allowed', async () => {
  const agent = new ApplicationAgent({ max: 2, idle: undefined })
  onTestFinished(() => agent.destroy())
  const { port, open } = await openApp(4)
  await Promise.all([ask(agent, port), ask(agent, port), ask(agent, port), ask(agent, port)])
  await expect.poll(() => open.size).toBe(2)
})

test('a connection with unread bytes is not kept', async () => {
  const server = createNetServer((socket) => socket.write('stray'))
  const socket = connect(await listening(server), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await new Promise((resolve) => socket.once('readable', resolve))
  const agent = new ApplicationAgent(freeConnections)
  expect(agent.keepSocketAlive(socket)).toBe(false)
  socket.read()
  expect(agent.keepSocketAlive(socket)).toBe(true)
})

function limitsOf(agent: ApplicationAgent | false): { max: number; idle: number | undefined } {
  // The declared type does not know the options that node keeps.
  const { maxFreeSockets, options } = agent as ApplicationAgent & { readonly options: { timeout?: number } }
  return { max: maxFreeSockets, idle: options.timeout }
}

test('the shared agent has the common limits; the agent of one client has one connection, without time limit', () => {
  const agents = new ClientAgents()
  const ends: (() => void)[] = []
  const client = { onEnd: (listener: () => void) => void ends.push(listener) } as Connection
  const shared = limitsOf(agents.choose(client, false))
  expect(shared).toEqual({ max: 256, idle: 60_000 })
  agents.bind(client)
  agents.bind(client)
  expect(ends).toHaveLength(1)
  expect(limitsOf(agents.choose(client, true))).toEqual({ max: 1, idle: undefined })
  ends[0]?.()
  expect(agents.choose(client, true)).toBe(false)
})
