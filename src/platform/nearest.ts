/**
 * The candidate that a person most likely meant: at most a third of its letters differ, letter case ignored. The third
 * is rounded up, so that two swapped letters in a word of four are found. Undefined when none is near enough.
 */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  const lower = written.toLowerCase()
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase())
    if (distance < bestDistance && distance <= Math.ceil(candidate.length / 3)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** The Levenshtein distance: how many letters must be added, removed or changed. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
