import type { HostStatus } from '../../host/host.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import type { ApplicationStatus } from '../../site/application-status.ts'

/** An application of a running daemon, with its site's name. */
export interface ChosenApplication {
  readonly site: string
  /** As a person names it: `www/api`; with one site `/api`. */
  readonly name: string
  readonly status: ApplicationStatus
}

/**
 * The applications that a verb is for: all of them without a name; else by id (`/LM/W3SVC/1/ROOT/api`), `site` (all of
 * that site), `site/path` (`site/` is its root), or with one site the path. Letter case means nothing. Fails with the
 * names that there are.
 */
export function chooseApplications(
  { sites }: Pick<HostStatus, 'sites'>,
  wanted: string | undefined,
): Result<readonly ChosenApplication[], string> {
  const all = sites.flatMap((site) =>
    site.applications.map((status) => {
      return { site: site.name, name: sites.length === 1 ? status.path : `${site.name}${status.path}`, status }
    }),
  )
  if (wanted === undefined) return ok(all)
  const key = wanted.toLowerCase()
  const chosen = all.filter(({ site, status }) => {
    const names = [status.id, `${site}${status.path}`, site, ...(sites.length === 1 ? [status.path] : [])]
    return names.some((name) => name.toLowerCase() === key)
  })
  if (chosen.length > 0) return ok(chosen)
  const lines = all.map(({ site, status }) => `  ${site}${status.path}  ${status.id}`)
  return failed(`there is no application '${wanted}'; there ${lines.length === 1 ? 'is' : 'are'}:\n${lines.join('\n')}`)
}
