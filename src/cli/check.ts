import { resolve } from 'node:path'
import { reviewAppSettings } from '../config/app-settings.ts'
import type { ApplicationConfig, BindingConfig, SiteConfig, WebConfig } from '../config/model.ts'
import type { LoadedHostFile } from '../config/host-file/load.ts'
import { type ReportedFiles, readSectionReports } from '../config/report/read-section-reports.ts'
import { sectionLines } from '../config/report/section-report.ts'
import { planLines, planOf } from '../config/web-config/plan.ts'
import { type Problem, problemAt, problemLine } from '../config/problems.ts'
import { applicationSource } from '../config/web-config/application.ts'
import { diskView } from '../process/system/folder-view.ts'
import { preflightStart } from '../process/start/preflight.ts'
import { modules, sectionsOf } from '../site/modules.ts'
import { exitCode } from './exit-codes.ts'
import { type Hosted, launchToExamine, loadHosted, readHosted } from './hosted.ts'
import { type OptionSpec, readOptions } from './options.ts'
import { type PlannedHooks, plannedHooks } from './check/planned-hooks.ts'
import type { Terminal, Verb } from './verb.ts'

const options: readonly OptionSpec[] = [
  { name: 'json', value: undefined, summary: 'problems and plan as one JSON document' },
  { name: 'path-base', value: '/sub', summary: 'virtual path of the application; default /' },
  { name: 'config', value: 'FILE', summary: 'check a host file and every application in it instead of a folder' },
]

const binding: BindingConfig = { protocol: 'http', address: undefined, port: 80, hostName: '' }

/** `ancmd check [folder]`: loads the configuration and looks for the program as `run` does, but starts nothing. */
export const check: Verb = {
  options,
  act: async (args, terminal) => {
    const read = readOptions(args, options, 1)
    const hosted = read.ok ? readHosted(read.value, [binding]) : read
    if (!read.ok || !hosted.ok) {
      const message = !read.ok ? read.failure.message : hosted.ok ? '' : hosted.failure.message
      terminal.err(`ancmd check: ${message}\nancmd check --help lists the options\n`)
      return exitCode.usage
    }
    const { environment } = terminal
    const sections = sectionsOf(modules)
    const problems: Problem[] = []
    const webConfigs: (WebConfig | undefined)[] = []
    const hooks: PlannedHooks['hooks'][] = []
    const { config, notices } = await loadHosted(hosted.value, environment)
    problems.push(...(config.ok ? notices : config.failure))
    // The bindings of a folder are options of `run`.
    const mayComeByHttps = (): boolean | 'unknown' => {
      return 'file' in hosted.value ? config.ok && (config.value.trustedProxies ?? []).length > 0 : 'unknown'
    }
    for (const { site, application } of config.ok ? applicationsOf(config.value.sites) : []) {
      const web = await applicationSource(site, application, { environment, sections, mayComeByHttps }).load()
      problems.push(...(web.ok ? web.value.notices : web.failure))
      const start = web.ok ? await checkStart(site, application, web.value, environment) : undefined
      problems.push(...(start?.problems ?? []))
      webConfigs.push(web.ok ? web.value : undefined)
      hooks.push(start?.hooks ?? [])
    }
    if (config.ok) problems.push(...(await checkCertificates(config.value.sites)))
    const hasErrors = problems.some((problem) => problem.level === 'error')
    // An error in one application of a host file leaves the others as they are.
    const hasPlan = config.ok && (!hasErrors || 'file' in hosted.value)
    const plan = hasPlan ? planOf(config.value, webConfigs, hooks) : undefined
    const standings = await readSectionReports(reportedFiles(hosted.value, config), sections)
    if (read.value.has('json')) {
      terminal.out(`${JSON.stringify({ version: 1, problems, sections: standings, plan }, null, 2)}\n`)
    } else {
      const planned = plan === undefined ? [] : planLines(plan, sections)
      const lines = [...problems.map(problemLine), ...planned, ...sectionLines(standings)]
      if (lines.length > 0) terminal.out(`${lines.join('\n')}\n`)
    }
    return hasErrors ? exitCode.badConfiguration : exitCode.ok
  },
}

function reportedFiles(hosted: Hosted, config: LoadedHostFile['config']): ReportedFiles {
  const folders = config.ok ? applicationsOf(config.value.sites).map(({ application }) => application.physicalPath) : []
  return { hostFile: 'file' in hosted ? resolve(hosted.file) : undefined, folders }
}

async function checkCertificates(sites: readonly SiteConfig[]): Promise<readonly Problem[]> {
  const bindings = sites.flatMap((site) => site.bindings)
  if (!bindings.some(({ tls }) => tls !== undefined)) return []
  const { reviewCertificates } = await import('../listen/tls/review-certificates.ts')
  return reviewCertificates(bindings, new Date())
}

interface HostedApplication {
  readonly site: SiteConfig
  readonly application: ApplicationConfig
}

function applicationsOf(sites: readonly SiteConfig[]): readonly HostedApplication[] {
  return sites.flatMap((site) => site.applications.map((application) => ({ site, application })))
}

/** The problems that a start would meet and the startup hooks that it would load, found without starting anything. */
async function checkStart(
  site: SiteConfig,
  application: ApplicationConfig,
  web: WebConfig,
  environment: Terminal['environment'],
): Promise<PlannedHooks> {
  const { process, places } = web
  const { failure, command } = preflightStart(launchToExamine(site, application, process, environment), diskView)
  const notes = (command?.notes ?? []).map((text) => problemAt('notice', places.processPath, text, undefined))
  const blockers = failure === undefined ? [] : [problemAt('error', places[failure.setting], failure.text, undefined)]
  const settings =
    process.kind === 'aspNetCore' ? await reviewAppSettings(application.physicalPath, process, environment) : []
  const planned = command === undefined ? { hooks: [], problems: [] } : await plannedHooks(web, command)
  return { hooks: planned.hooks, problems: [...blockers, ...notes, ...settings, ...planned.problems] }
}
