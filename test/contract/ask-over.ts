import { expect } from 'vitest'
import type { RawSocket } from '../support/raw-client.ts'
import type { RecordedConnection, Recorder } from '../support/recorder.ts'
import type { Pipeline } from './fixtures.ts'

/** Sends one request and answers, once it is over, the application's connection that it went over. */
export async function askOver(
  pipeline: Pipeline,
  app: Recorder,
  client: RawSocket,
  bytes: string,
): Promise<RecordedConnection> {
  const index = pipeline.deliveries.length
  const before = app.connections.map((connection) => connection.read().requests.length)
  client.send(bytes)
  await pipeline.delivery(index)
  const used = app.connections.filter((connection, i) => connection.read().requests.length > (before[i] ?? 0))
  expect(used).toHaveLength(1)
  return used[0] as RecordedConnection
}
