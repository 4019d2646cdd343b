/** Four steps in each doubling, from 0.0625 ms to about 70 minutes. */
const stepsPerDoubling = 4
const lowestExponent = -4
const count = 26 * stepsPerDoubling

/**
 * Counts durations in steps of 19 %, so that percentiles can be told from it. Life: that of its meter. Counting takes no
 * allocation.
 */
export class LatencyHistogram {
  readonly counts = new Float64Array(count)

  add(ms: number): void {
    const step = Math.floor((Math.log2(ms) - lowestExponent) * stepsPerDoubling)
    const at = step > 0 ? Math.min(step, count - 1) : 0
    this.counts[at] = (this.counts[at] as number) + 1
  }
}

/**
 * The duration in ms below which this share of the counted durations lies, to within 19 %; null when nothing was
 * counted.
 *
 * @param counts of a histogram, or the difference between two states of one
 * @param share from 0 to 1
 */
export function percentile(counts: Float64Array, share: number): number | null {
  let total = 0
  for (const each of counts) total += each
  if (total === 0) return null
  let left = total * share
  for (const [at, each] of counts.entries()) {
    left -= each
    if (left <= 0 && each > 0) {
      // Within a step, durations are taken to be spread evenly.
      const part = 1 + left / each
      return 2 ** (lowestExponent + (at + part) / stepsPerDoubling)
    }
  }
  return 2 ** (lowestExponent + count / stepsPerDoubling)
}
