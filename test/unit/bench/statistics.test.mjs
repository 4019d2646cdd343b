import { describe, expect, test } from 'vitest'
import { addedLatency, addedRatios, median, noiseOf, ratios, spread, summary } from '../../bench/statistics.mjs'

const cell = (peer, round, figures) => ({ scenario: 'plaintext', peer, round, ...figures })

describe('figures of the benchmark', () => {
  test('the median is the middle one, or between the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([5, Number.NaN, 1, 3])).toBe(3)
    expect(median([])).toBeNaN()
  })

  test('a summary leaves out what is no number', () => {
    expect(summary([2, undefined, 4, Number.NaN])).toEqual({ median: 3, min: 2, max: 4, count: 2 })
  })

  test('ratios are taken within a round', () => {
    const cells = [
      cell('nginx', 0, { cpu: 20 }),
      cell('nginx', 1, { cpu: 40 }),
      cell('ancmd', 1, { cpu: 44 }),
      cell('ancmd', 0, { cpu: 24 }),
      cell('ancmd', 2, { cpu: 99 }),
    ]
    expect(ratios(cells, 'plaintext', 'ancmd', 'nginx', 'cpu')).toEqual([1.1, 1.2])
  })

  test('a void cell counts nowhere, neither above nor below the line', () => {
    const cells = [
      cell('nginx', 0, { cpu: 20, void: '3 errors' }),
      cell('ancmd', 0, { cpu: 24 }),
      cell('nginx', 1, { cpu: 20 }),
      cell('ancmd', 1, { cpu: 1, void: '1 errors' }),
    ]
    expect(ratios(cells, 'plaintext', 'ancmd', 'nginx', 'cpu')).toEqual([])
  })

  test('what is added is the p50 without that of the app alone in the same round', () => {
    const cells = [
      cell('direct', 0, { p50: 30 }),
      cell('direct', 1, { p50: 50 }),
      cell('nginx', 0, { p50: 60 }),
      cell('nginx', 1, { p50: 90 }),
      cell('ancmd', 0, { p50: 75 }),
      cell('ancmd', 1, { p50: 110 }),
    ]
    expect(addedLatency(cells, 'plaintext', 'ancmd')).toEqual([45, 60])
    expect(addedRatios(cells, 'plaintext', 'ancmd', 'nginx')).toEqual([1.5, 1.5])
  })

  test('a control that costs more than 15 % more in one round than in another makes a scenario noisy', () => {
    expect(spread([10, 11, 12])).toBeCloseTo(0.182, 3)
    expect(spread([10])).toBe(0)
    const calm = [10, 10.5, 11].map((cpu, round) => cell('relay-raw', round, { cpu }))
    const noisy = [10, 10.5, 12].map((cpu, round) => cell('relay-raw', round, { cpu }))
    expect(noiseOf(calm, 'plaintext')).toBeUndefined()
    expect(noiseOf(noisy, 'plaintext')).toBe('CPU per request of relay-raw spread by 19 %')
  })

  test('one round decides nothing', () => {
    expect(noiseOf([cell('relay-raw', 0, { cpu: 10 })], 'plaintext')).toContain('one round of relay-raw')
  })

  test('without a relay the control is nginx', () => {
    const cells = [10, 20].map((cpu, round) => cell('nginx', round, { cpu }))
    expect(noiseOf(cells, 'plaintext')).toContain('of nginx')
    expect(noiseOf([], 'plaintext')).toBeUndefined()
  })
})
