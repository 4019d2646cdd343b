import type { ApplicationStatus } from '../site/application-parts.ts'

/** A snapshot of the whole; what `ancmd status --json` and the public API give. No secrets. */
export interface HostStatus {
  readonly state: 'stopped' | 'starting' | 'running' | 'stopping'
  readonly pid: number
  readonly sites: readonly SiteStatus[]
}

export interface SiteStatus {
  readonly name: string
  readonly id: number
  readonly urls: readonly string[]
  readonly applications: readonly ApplicationStatus[]
}
