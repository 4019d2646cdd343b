import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { readOptions } from '../../bench/options.mjs'
import { chart } from '../../bench/report/chart.mjs'
import { resultsDocument } from '../../bench/report/results.mjs'
import { asText, tableOf } from '../../bench/report/tables.mjs'
import { scenarios } from '../../bench/scenarios.mjs'

const names = ['ancmd', 'nginx', 'http-proxy']
const cpu = { ancmd: 24, nginx: 20, 'http-proxy': 400 }
const cells = [0, 1].flatMap((round) =>
  names.map((peer) => ({
    scenario: 'plaintext',
    peer,
    round,
    cpu: cpu[peer],
    p50: 1,
    p99: 2,
    rate: 3,
    load: 0.5,
    steal: 0,
  })),
)
const results = {
  cells,
  names,
  absent: new Map([['yarp', 'its package cannot be restored']]),
  options: { rounds: 2, seconds: 3, scenarios: ['plaintext'] },
  about: {
    date: '2026-01-02T03:04:05.000Z',
    revision: 'abc',
    processor: 'A & B <x>',
    cores: 2,
    kernel: '6.1',
    layout: 'proxies on core 0',
    load: 'wrk',
    versions: { node: '20.19.0' },
  },
}

describe('what the benchmark writes', () => {
  test('the chart is XML, with a bar for each peer and the figure of one that is cut', () => {
    const svg = chart(results)
    const found = []
    const parser = new SaxesParser()
    parser.on('error', (error) => {
      throw error
    })
    parser.on('opentag', ({ name, attributes }) => found.push(`${name} ${attributes.class ?? ''}`))
    parser.write(svg).close()
    expect(found.filter((tag) => tag.startsWith('rect bar'))).toHaveLength(3)
    expect(found).toContain('rect bar ours')
    expect(svg).toContain('>1.20<')
    expect(svg).toContain('>20.00 →<')
    expect(svg).toContain('CPU per request ÷ nginx')
    expect(svg).toContain('prefers-color-scheme: dark')
  })

  test('the document has figures, goals, versions and who was absent', () => {
    const text = resultsDocument(results)
    expect(text).toContain('| ancmd | 24.0 | 24.0 | 1.20 (1.20–1.20) |')
    expect(text).toContain('| plaintext | CPU per request ÷ nginx | ≤ 1.2 | 1.20 | 1.20 | met |')
    expect(text).toContain('yarp is **absent**: its package cannot be restored')
    expect(text).toContain('node 20.19.0')
  })

  test('a table says what was void, and why', () => {
    const broken = [...cells, { scenario: 'plaintext', peer: 'ancmd', round: 2, void: '7 errors' }]
    expect(asText(tableOf(broken, 'plaintext', scenarios.plaintext, names))).toContain('1 of 3: 7 errors')
  })
})

describe('the options of the benchmark', () => {
  const peers = ['ancmd', 'nginx', 'http-proxy-agent', 'relay-raw', 'relay-pipe', 'yarp']

  test('a full run writes, a shorter one only if it is told to', () => {
    expect(readOptions([], peers)).toMatchObject({ writes: true, rounds: 5, seconds: 3, peers })
    expect(readOptions(['--rounds', '2'], peers).writes).toBe(false)
    expect(readOptions(['--peers', 'nginx'], peers)).toMatchObject({ writes: false, peers: ['ancmd', 'nginx'] })
    expect(readOptions(['--quick'], peers)).toMatchObject({ writes: false, scenarios: ['plaintext', 'browser', '1m'] })
    expect(readOptions(['--quick', '--write'], peers).writes).toBe(true)
  })

  test('what is wrong is named, with what would be right', () => {
    expect(() => readOptions(['--rounds', '0'], peers)).toThrow('--rounds 0: a whole number from 1 is needed')
    expect(() => readOptions(['--peers', 'apache'], peers)).toThrow(
      '--peers: there is no apache; there are ancmd, nginx',
    )
    expect(() => readOptions(['--scenarios', 'x'], peers)).toThrow('--scenarios: there is no x; there are plaintext')
  })
})
