import { expect, test } from 'vitest'
import { EventHistory } from '../../../../src/control/admin/event-history.ts'
import { History } from '../../../../src/control/admin/history.ts'
import type { HostStatus } from '../../../../src/host/host.ts'
import type { Level, LogEntry } from '../../../../src/log/entry.ts'
import { processExited } from '../../../../src/log/process-events.ts'
import { RequestMeters } from '../../../../src/site/metering/request-meters.ts'

type Applications = HostStatus['sites'][number]['applications']

function statusOf(...applications: readonly { id: string; cpuSeconds: number }[]): HostStatus {
  const all = applications.map(({ id, cpuSeconds }) => ({
    id,
    processes: [{ state: 'running', pid: 7, port: 1, uptimeMs: 1, requests: 2, tunnels: 0, rssBytes: 5, cpuSeconds }],
  }))
  return {
    sites: [{ name: 's', id: 1, urls: [], applications: all as unknown as Applications }],
  } as unknown as HostStatus
}

test('a sample has what happened since the one before, for each second', () => {
  const meters = new RequestMeters()
  let now = 1_000_000
  let status = statusOf({ id: 'a', cpuSeconds: 1 })
  const history = new History(
    meters,
    () => status,
    () => now,
  )
  history.sample()
  for (let at = 0; at < 40; at++) meters.of('a').count(at < 10 ? 500 : 200, 8)
  now += 5000
  status = statusOf({ id: 'a', cpuSeconds: 2 })
  history.sample()
  const { times, applications } = history.document
  expect(times).toEqual([1000, 1005])
  expect(applications['a']).toMatchObject({
    requestsPerSecond: [null, 8],
    errorsPerSecond: [null, 2],
    inFlight: [2, 2],
    rssBytes: [5, 5],
    cpuPercent: [null, 20],
  })
  expect(applications['a']?.p99Ms[1]).toBeCloseTo(8, -1)
})

test('an application that comes later has no values before, one that is gone is forgotten, an hour is kept', () => {
  let now = 0
  let status = statusOf({ id: 'a', cpuSeconds: 0 })
  const history = new History(
    new RequestMeters(),
    () => status,
    () => now,
  )
  const step = (): void => {
    now += 5000
    history.sample()
  }
  step()
  status = statusOf({ id: 'a', cpuSeconds: 0 }, { id: 'b', cpuSeconds: 0 })
  step()
  expect(history.document.applications['b']?.inFlight).toEqual([null, 2])
  status = statusOf({ id: 'b', cpuSeconds: 0 })
  for (let at = 0; at < 800; at++) step()
  const { times, applications } = history.document
  expect(Object.keys(applications)).toEqual(['b'])
  expect(times).toHaveLength(720)
  expect(applications['b']?.inFlight).toHaveLength(720)
})

test('events are remembered although the log leaves them out, those of single requests are not', () => {
  const written: LogEntry[] = []
  const quiet = {
    isEnabled: (level: Level) => level === 'error',
    write: (_level: Level, entry: LogEntry) => void written.push(entry),
  }
  const history = new EventHistory()
  const log = history.tee(quiet)
  const exit = { app: 'a', pid: 7, port: 1, code: 3, signal: null, expected: true, uptimeMs: 1, lastLines: [] }
  processExited(log, exit)
  processExited(log, { ...exit, expected: false })
  log.write('warn', { event: 'requestRefused', msg: 'no' })
  expect(history.events.map(({ event, app }) => [event, app])).toEqual([
    ['processExited', 'a'],
    ['processExited', 'a'],
  ])
  expect(history.exits.get('a')).toEqual({ asked: 1, crash: 1, 'start-failed': 0 })
  expect(written).toEqual([])
  for (let at = 0; at < 1000; at++) log.write('info', { event: 'listening', msg: String(at) })
  expect(history.events).toHaveLength(500)
})
