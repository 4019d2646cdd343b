/** `3 d 4 h`, `4 h 5 min`, `12 s`: two units at most. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${String(count)} ${unit}`)
    .join(' ')
}

/** `61 MiB`. */
export function mebibytes(bytes: number | null | undefined): string {
  return bytes === null || bytes === undefined ? '–' : `${String(Math.round(bytes / 1_048_576))} MiB`
}

/** `4.2 ms`, `120 ms`, `1.5 s`. */
export function latency(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms < 10 ? ms.toFixed(1) : String(Math.round(ms))} ms`
}

/** `0.4`, `12`, `3,400`. */
export function rate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return '–'
  return perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en')
}

/** `3.5 %` of one processor. */
export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${value.toFixed(1)} %`
}

/** The time of day where the reader is. */
export function clock(time: string): string {
  return new Date(time).toLocaleTimeString([], { hour12: false })
}
