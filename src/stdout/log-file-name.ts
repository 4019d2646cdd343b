/**
 * ANCM's name of a stdout log: `<prefix>_<yyyyMMddHHmmss>_<pid>.log`, in UTC, with the daemon's pid. `taken` is the
 * number of names that exist already, so the second start within one second gets `…_<pid>_2.log`.
 */
export function logFileName(prefix: string, startedAt: Date, pid: number, taken: number): string {
  const time = startedAt.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')
  const counter = taken === 0 ? '' : `_${String(taken + 1)}`
  return `${prefix}_${time}_${String(pid)}${counter}.log`
}
