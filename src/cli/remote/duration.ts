import { failed, ok, type Result } from '../../platform/result.ts'

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads `500ms`, `60s`, `10m`, `1h`, `7d`, or a number of seconds, in milliseconds. */
export function readDuration(option: string, text: string): Result<number, { readonly message: string }> {
  const [, number = '', unit = 's'] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text) ?? []
  const ms = number === '' ? 0 : Math.round(Number(number) * (unitMs[unit] ?? 0))
  if (ms > 0) return ok(ms)
  return failed({ message: `option --${option} takes a time as 500ms, 60s or 10m, not '${text}'` })
}

/** `5s`, `3m 4s`, `5h 12m`, `3d 4h`. */
export function shortSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)]
  if (days > 0) return `${String(days)}d ${String(hours % 24)}h`
  if (hours > 0) return `${String(hours)}h ${String(minutes % 60)}m`
  return minutes > 0 ? `${String(minutes)}m ${String(seconds % 60)}s` : `${String(seconds)}s`
}
