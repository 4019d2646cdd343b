import type { HostStatus } from '../../../../src/host/host.ts'
import type { ApplicationStatus } from '../../../../src/site/application-status.ts'

type SiteStatus = HostStatus['sites'][number]

/** An application of which nothing has run yet. */
export function applicationOf(site: number, path: string, more: Partial<ApplicationStatus> = {}): ApplicationStatus {
  return {
    id: `/LM/W3SVC/${String(site)}/ROOT${path === '/' ? '' : path}`,
    path,
    physicalPath: `/srv${path}`,
    presence: 'serving',
    processes: [],
    waiting: 0,
    starts: 0,
    failedStarts: 0,
    crashes: 0,
    recycles: 0,
    lastFailure: null,
    ...more,
  }
}

export function siteOf(name: string, id: number, applications: readonly ApplicationStatus[]): SiteStatus {
  return { name, id, urls: [`http://${name}.example`], applications }
}

export function statusOf(sites: readonly SiteStatus[]): HostStatus {
  return { version: '1.2.3', pid: 7, state: 'running', uptimeMs: 3_723_000, engine: 'wire', sites }
}
