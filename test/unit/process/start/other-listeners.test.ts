import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { OtherListeners, listensElsewhereLimitMs } from '../../../../src/process/start/listens-elsewhere.ts'
import { type ListenRow, ListenTable } from '../../../../src/process/system/listen-table.ts'
import { readProcess } from '../../../../src/process/system/process-table.ts'
import type { ProcessTree } from '../../../../src/process/system/process-tree.ts'

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

test('an app that closed the other port is not given up, and is reported again when it opens a third', async () => {
  const others = new OtherListeners(tree)
  const first = await listen()
  expect(others.isDue(first.rows, 0)).toBe(false)
  expect(others.isDue(first.rows, 300)).toBe(true)
  expect(await others.look(300)).toEqual({ event: 'found', addresses: [first.address] })
  await first.close()
  const end = 300 + listensElsewhereLimitMs
  expect(await others.look(end)).toBeUndefined()
  expect(others.isDue([], end + 1)).toBe(false)
  const third = await listen()
  others.isDue(third.rows, end + 1000)
  expect(await others.look(end + 1300)).toEqual({ event: 'found', addresses: [third.address] })
})

test('an app that opens a third port as well is not reported again', async () => {
  const others = new OtherListeners(tree)
  const [first, second] = [await listen(), await listen()]
  others.isDue(first.rows, 0)
  await others.look(300)
  const both = [...first.rows, ...second.rows]
  others.isDue(both, 400)
  expect(await others.look(700)).toBeUndefined()
  expect(others.isDue(both, 1000)).toBe(false)
})

test('the owner of a socket that closed within 300 ms is not looked up', async () => {
  const others = new OtherListeners(tree)
  const { rows } = await listen()
  expect(others.isDue(rows, 0)).toBe(false)
  expect(others.isDue([], 100)).toBe(false)
  expect(others.isDue([], 400)).toBe(false)
})
