import type { HostStatus } from '../../host/host.ts'

/** The status as a table for a person. */
export function statusTable({ version, pid, state, uptimeMs, engine, sites }: HostStatus): string {
  const lines = [`ancmd ${version}  ${state}  pid ${String(pid)}  up ${span(uptimeMs)}  engine ${engine}`]
  for (const site of sites) {
    lines.push('', `${site.name}  ${site.urls.join(' ')}`)
    for (const application of site.applications) {
      const { path, presence, processes, starts, crashes, recycles, lastFailure } = application
      lines.push(
        `  ${path}  ${presence}  starts ${String(starts)}  crashes ${String(crashes)}  recycles ${String(recycles)}`,
      )
      for (const { state: own, pid: id, port, uptimeMs: up, requests, tunnels } of processes) {
        const place = id === undefined ? '' : `  pid ${String(id)}  port ${String(port)}`
        lines.push(`    ${own}${place}  up ${span(up)}  in flight ${String(requests)}  tunnels ${String(tunnels)}`)
      }
      if (lastFailure !== null) lines.push(`    last failure ${lastFailure.time}: ${lastFailure.text}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** `12s`, `3m 4s`, `5h 12m`, `3d 4h`. */
function span(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  if (days > 0) return `${String(days)}d ${String(hours)}h`
  if (hours > 0) return `${String(hours)}h ${String(minutes)}m`
  if (minutes > 0) return `${String(minutes)}m ${String(seconds % 60)}s`
  return `${String(seconds)}s`
}
