import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Elsewhere, elsewherePatience } from '../../../src/process/start/elsewhere.ts'
import { type ListenRow, ListenTable } from '../../../src/process/system/listen-table.ts'
import { readProcess } from '../../../src/process/system/process-table.ts'
import type { ProcessTree } from '../../../src/process/system/process-tree.ts'

/** This process stands for an app: its sockets are the tree's. */
const tree = { members: () => Promise.resolve([readProcess(process.pid)]) } as unknown as ProcessTree

async function listen(): Promise<{ rows: readonly ListenRow[]; address: string; close: () => Promise<void> }> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
    })
  onTestFinished(close)
  const table = ListenTable.open('tcp')
  const rows = (table?.rows() ?? []).filter((row) => row.port === port)
  table?.close()
  return { rows, address: `127.0.0.1:${String(port)}`, close }
}

test('an app that has left the other place is not hopeless, and is told of anew when it comes to a third', async () => {
  const elsewhere = new Elsewhere(tree)
  const first = await listen()
  expect(elsewhere.isDue(first.rows, 0)).toBe(false)
  expect(elsewhere.isDue(first.rows, 300)).toBe(true)
  expect(await elsewhere.look(300)).toEqual({ say: 'found', addresses: [first.address] })
  await first.close()
  const end = 300 + elsewherePatience
  expect(await elsewhere.look(end)).toBeUndefined()
  expect(elsewhere.isDue([], end + 1)).toBe(false)
  const third = await listen()
  elsewhere.isDue(third.rows, end + 1000)
  expect(await elsewhere.look(end + 1300)).toEqual({ say: 'found', addresses: [third.address] })
})

test('an app that comes to a third place as well is not told of again', async () => {
  const elsewhere = new Elsewhere(tree)
  const [first, second] = [await listen(), await listen()]
  elsewhere.isDue(first.rows, 0)
  await elsewhere.look(300)
  const both = [...first.rows, ...second.rows]
  elsewhere.isDue(both, 400)
  expect(await elsewhere.look(700)).toBeUndefined()
  expect(elsewhere.isDue(both, 1000)).toBe(false)
})

test('a socket that has gone before it was looked at costs no look', async () => {
  const elsewhere = new Elsewhere(tree)
  const { rows } = await listen()
  expect(elsewhere.isDue(rows, 0)).toBe(false)
  expect(elsewhere.isDue([], 100)).toBe(false)
  expect(elsewhere.isDue([], 400)).toBe(false)
})
