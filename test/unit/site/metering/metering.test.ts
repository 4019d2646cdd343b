import { expect, test } from 'vitest'
import { LatencyHistogram, percentile } from '../../../../src/site/metering/latency-histogram.ts'
import { durationBounds, RequestMeters } from '../../../../src/site/metering/request-meters.ts'

test('percentiles are told to within a fifth, over five powers of ten', () => {
  for (const scale of [0.2, 3, 45, 700, 9000]) {
    const histogram = new LatencyHistogram()
    for (let at = 1; at <= 1000; at++) histogram.add((scale * at) / 1000)
    for (const share of [0.5, 0.9, 0.99]) {
      const told = percentile(histogram.counts, share) ?? 0
      expect(told / (scale * share)).toBeGreaterThan(0.8)
      expect(told / (scale * share)).toBeLessThan(1.2)
    }
  }
})

test('nothing counted has no percentile, and odd durations do no harm', () => {
  const histogram = new LatencyHistogram()
  expect(percentile(histogram.counts, 0.5)).toBeNull()
  for (const ms of [0, -1, Number.NaN, 1e12]) histogram.add(ms)
  expect(histogram.counts.reduce((sum, each) => sum + each, 0)).toBe(4)
})

test('a request is counted once: by its class, by the bound that it is not above, in the sum', () => {
  const meter = new RequestMeters().of('/LM/W3SVC/1/ROOT')
  meter.count(200, 5)
  meter.count(204, 5.1)
  meter.count(503, 60_000)
  meter.count(0, 1)
  expect([...meter.byClass]).toEqual([1, 0, 2, 0, 0, 1])
  expect(meter.byBound[0]).toBe(2)
  expect(meter.byBound[1]).toBe(1)
  expect(meter.byBound[durationBounds.length]).toBe(1)
  expect(meter.seconds).toBeCloseTo(60.0111)
})
