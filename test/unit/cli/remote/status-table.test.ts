import { expect, test } from 'vitest'
import { statusTable } from '../../../../src/cli/remote/status-table.ts'
import type { ProcessStatus } from '../../../../src/process/process-status.ts'
import { applicationOf, siteOf, statusOf } from './statuses.ts'

const now = new Date('2026-01-01T12:00:00Z')
const plain = { colour: false, now }

const running: ProcessStatus = {
  state: 'running',
  pid: 1234,
  port: 12_345,
  uptimeMs: 62_000,
  requests: 3,
  tunnels: 1,
  rssBytes: 100 * 1_048_576,
  cpuSeconds: 4.26,
}

test('the table has a line for each process, one for an application without, and the last failure', () => {
  const failure = { time: '2026-01-01T11:58:00Z', kind: 'crash', cause: 'exited', text: 'it ended with 1.' } as const
  const shop = applicationOf(1, '/shop', {
    processes: [running, { ...running, pid: 99, state: 'draining' }],
    starts: 2,
    crashes: 1,
    recycles: 4,
    lastFailure: failure,
  })
  const status = statusOf([
    siteOf('www', 1, [applicationOf(1, '/'), shop, applicationOf(1, '/off', { presence: 'offline' })]),
  ])
  const lines = statusTable(status, plain)
    .split('\n')
    .map((line) => line.replaceAll(/ {2,}/g, '  ').trim())
  expect(lines).toEqual([
    'ancmd 1.2.3  running  pid 7  up 1h 2m  wire',
    '',
    'www  http://www.example',
    'APPLICATION  STATE  PID  PORT  UPTIME  IN FLIGHT  TUNNELS  MEMORY  CPU  STARTS  CRASHES  RECYCLES',
    '/  idle  -  -  -  -  -  -  -  0  0  0',
    '/shop  running  1234  12345  1m 2s  3  1  100 MiB  4.3 s  2  1  4',
    'draining  99  12345  1m 2s  3  1  100 MiB  4.3 s',
    'last failure, 2m 0s ago: it ended with 1.',
    '/off  offline  -  -  -  -  -  -  -  0  0  0',
    '',
  ])
})

test('columns are in line over all sites, however long the names are', () => {
  const long = applicationOf(1, '/a-path-that-is-longer-than-its-title', { processes: [running] })
  const text = statusTable(statusOf([siteOf('one', 1, [long]), siteOf('two', 2, [applicationOf(2, '/')])]), plain)
  const states = text.split('\n').flatMap((line) => {
    const at = line.search(/STATE|running|idle/)
    return /APPLICATION|^ {2}\//.test(line) ? [at] : []
  })
  expect(states).toHaveLength(4)
  expect(new Set(states).size).toBe(1)
  expect(text.split('\n').filter((line) => line.endsWith(' '))).toEqual([])
})

test('colour is there only where it is asked for, and changes no text', () => {
  const status = statusOf([siteOf('www', 1, [applicationOf(1, '/', { processes: [running] })])])
  const coloured = statusTable(status, { colour: true, now })
  expect(coloured).toContain('\x1b[32mrunning')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  expect(coloured.replaceAll(/\x1b\[\d+m/g, '')).toBe(statusTable(status, plain))
})

test('a line is no longer than the terminal is wide: the least important columns are left out, and named', () => {
  const failure = { time: '2026-01-01T11:58:00Z', kind: 'crash', cause: 'exited', text: 'word '.repeat(40) } as const
  const shop = applicationOf(1, '/shop', { processes: [running], lastFailure: failure })
  const status = statusOf([siteOf('www', 1, [shop])])
  const whole = statusTable(status, plain).split('\n')
  const table = (columns: number): readonly string[] => statusTable(status, { ...plain, columns }).split('\n')
  for (const columns of [60, 80, 100]) {
    const lines = table(columns)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
    expect(lines.join(' ').match(/word/g)).toHaveLength(40)
  }
  expect(table(80)[3]).toMatch(/^ {2}APPLICATION {2}STATE +PID +UPTIME +IN FLIGHT +MEMORY +CRASHES +RECYCLES$/)
  expect(table(80)).toContain('no room for PORT, TUNNELS, CPU, STARTS: see --json')
  expect(table(whole[3]?.length ?? 0)[3]).toBe(whole[3])
})
