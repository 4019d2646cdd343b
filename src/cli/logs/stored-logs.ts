import { setTimeout as pause } from 'node:timers/promises'
import type { SiteConfig } from '../../config/model.ts'
import { problemLine } from '../../config/problems.ts'
import { applicationSource } from '../../config/web-config/application.ts'
import { systemClock } from '../../platform/clock.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import { applicationId } from '../../process/life/launch.ts'
import { applicationStatus } from '../../site/application-status.ts'
import { modules, sectionsOf } from '../../site/modules.ts'
import { StoredOutput, type StoredPiece } from '../../stdout/stored-output.ts'
import { chooseApplications } from '../remote/choose-applications.ts'
import type { Destination, LogsPlan } from './logs-plan.ts'
import { OutputPrinter, type PrintedPiece } from './output-printer.ts'

/** How often the files are looked at. */
const pollMs = 200

/** The stdout logs of one application. */
interface StoredApplication {
  readonly id: string
  readonly name: string
  readonly stdoutLogFile: string
  readonly isEnabled: boolean
}

/** Why there is nothing to read: a sentence, and the name of the exit code. */
export interface NothingStored {
  readonly text: string
  readonly code: 'usage' | 'notRunning' | 'noPermission' | 'badConfiguration'
}

export interface StoredParts {
  readonly sites: readonly SiteConfig[]
  /** A name of an application in them; undefined: all. */
  readonly wanted: string | undefined
  readonly plan: LogsPlan
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly to: Destination
}

/** Prints what the files hold, and with --follow what is added, until `ended` aborts or nobody reads any more. */
export async function printStored(parts: StoredParts): Promise<Result<void, NothingStored>> {
  const { plan, to } = parts
  const { write, ended } = to
  const found = await findApplications(parts)
  if (!found.ok) return found
  const applications = found.value
  const names = new Map(applications.map(({ id, name }) => [id.toLowerCase(), name]))
  const printer = new OutputPrinter(plan.form ?? (applications.length > 1 ? 'prefix' : 'plain'), names)
  const since = plan.sinceMs === undefined ? 0 : Date.now() - plan.sinceMs
  const readers: { readonly id: string; readonly output: StoredOutput }[] = []
  const outcomes = new Set<'files' | 'denied' | 'none'>()
  for (const { id, stdoutLogFile } of applications) {
    const output = new StoredOutput(stdoutLogFile, systemClock)
    outcomes.add(await output.begin(plan.lines ?? Number.MAX_SAFE_INTEGER, since))
    readers.push({ id, output })
  }
  const mayCome = plan.follows && applications.some(({ isEnabled }) => isEnabled)
  if (outcomes.has('denied') && !outcomes.has('files')) {
    const files = applications.map(({ stdoutLogFile }) => `${stdoutLogFile}_*.log`).join(', ')
    return failed({
      code: 'noPermission',
      text: `this user may not read ${files}. Use sudo, or become a member of the group of these files`,
    })
  }
  if (!outcomes.has('files') && !mayCome) return failed({ code: 'notRunning', text: nothingThere(applications) })
  const print = (id: string, pieces: readonly StoredPiece[]): Promise<boolean> => {
    const known: PrintedPiece[] = pieces.map(({ source, bytes }) => {
      return { app: id, source: `${id} ${String(source)}`, bytes }
    })
    return write(printer.print(known))
  }
  try {
    for (;;) {
      for (const { id, output } of readers) {
        for await (const pieces of output.poll()) if (!(await print(id, pieces))) return ok(undefined)
      }
      if (!plan.follows || ended.aborted) break
      await pause(pollMs, undefined, { signal: ended }).catch(() => undefined)
    }
  } finally {
    for (const { id, output } of readers) await print(id, await output.close())
    await write(printer.end())
  }
  return ok(undefined)
}

function nothingThere(applications: readonly StoredApplication[]): string {
  const lines = applications.map(({ name, stdoutLogFile, isEnabled }) => {
    return `  ${name}: ${isEnabled ? `no file ${stdoutLogFile}_*.log` : 'stdoutLogEnabled is off in its web.config'}`
  })
  return `there are no stdout log files either:\n${lines.join('\n')}`
}

async function findApplications({
  sites,
  wanted,
  environment,
}: StoredParts): Promise<Result<readonly StoredApplication[], NothingStored>> {
  const all = sites.map((site) => ({
    name: site.name,
    id: site.id,
    urls: [],
    applications: site.applications.map((application) => {
      return applicationStatus(applicationId({ site, applicationPath: application.path }), application)
    }),
  }))
  const chosen = chooseApplications({ sites: all }, wanted)
  if (!chosen.ok) return failed({ code: 'usage', text: chosen.failure })
  const found: StoredApplication[] = []
  const problems: string[] = []
  for (const site of sites) {
    for (const application of site.applications) {
      const id = applicationId({ site, applicationPath: application.path })
      const name = chosen.value.find(({ status }) => status.id === id)?.name
      if (name === undefined) continue
      const web = await applicationSource(site, application, { environment, sections: sectionsOf(modules) }).load()
      if (!web.ok) problems.push(...web.failure.map(problemLine))
      else {
        const { stdoutLogFile, stdoutLogEnabled: isEnabled } = web.value.process
        found.push({ id, name, stdoutLogFile, isEnabled })
      }
    }
  }
  if (found.length > 0 || problems.length === 0) return ok(found)
  return failed({ code: 'badConfiguration', text: problems.join('\n') })
}
