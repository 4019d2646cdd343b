/**
 * ANCM's name of a stdout log: `<prefix>_<yyyyMMddHHmmss>_<pid>.log`, UTC, with the front's pid (ours). `taken` counts the
 * names that were tried before: two starts within one second never share a file, so the second gets `…_<pid>_2.log`.
 */
export function logFileName(prefix: string, startedAt: Date, pid: number, taken: number): string {
  const time = startedAt.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')
  const counter = taken === 0 ? '' : `_${String(taken + 1)}`
  return `${prefix}_${time}_${String(pid)}${counter}.log`
}
