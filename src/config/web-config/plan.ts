import type {
  ApplicationConfig,
  HandlerConfig,
  HostConfig,
  PartSettings,
  ProcessConfig,
  SiteConfig,
  WebConfig,
} from '../model.ts'
import { sameSettings } from '../same-settings.ts'
import { type PlanDetail, type SectionReader, settingsOf } from '../sections/section-reader.ts'
import { bindingText, siteDetails } from './site-plan.ts'

/** What the daemon would do with a configuration, as `check` shows it: plain data, fit for JSON, without secrets. */
export interface Plan {
  readonly sites: readonly SitePlan[]
}

export interface SitePlan extends Pick<SiteConfig, 'serverAutoStart' | 'limits' | 'hsts'> {
  readonly name: string
  readonly id: number
  /** Such as `http://*:80`, or `http://*:80 for www.example.org`. */
  readonly bindings: readonly string[]
  readonly applications: readonly ApplicationPlan[]
}

export interface ApplicationPlan {
  readonly path: string
  readonly physicalPath: string
  /** The name of its application pool; absent where a folder is hosted. */
  readonly pool?: string
  readonly files: readonly string[]
  readonly process: ProcessConfig
  readonly handlers: WebConfig['handlers']
  readonly sections: WebConfig['sections']
  /** Absent: there are none. */
  readonly parts?: WebConfig['parts']
  readonly startupHooks: readonly StartupHookPlan[]
}

/** An assembly that the application is to load before its own code. */
export interface StartupHookPlan {
  /** Absolute. */
  readonly assembly: string
  readonly purpose: string
}

const hidden = '(hidden)'

/** Names of variables whose values are likely to be secrets; ASPNETCORE_TOKEN, the pairing token, is among them. */
const secretName = /token|secret|password|passwd|pwd|credential|api_?key|accesskey|connectionstring/i

/**
 * @param webConfigs one for each application, in the order of the sites and their applications; undefined for one that
 * cannot be used, which is left out
 * @param hooks the startup hooks of each application, in the same order
 */
export function planOf(
  config: HostConfig,
  webConfigs: readonly (WebConfig | undefined)[],
  hooks: readonly (readonly StartupHookPlan[])[] = [],
): Plan {
  const remaining = webConfigs.map((web, i) => ({ web, startupHooks: hooks[i] ?? [] }))
  return {
    sites: config.sites.map(({ name, id, bindings, applications, serverAutoStart, limits, hsts }) => ({
      name,
      id,
      bindings: bindings.map(bindingText),
      ...(serverAutoStart !== undefined && { serverAutoStart }),
      ...(limits !== undefined && { limits }),
      ...(hsts !== undefined && { hsts }),
      applications: applications.flatMap((application) => {
        const next = remaining.shift()
        return next?.web === undefined ? [] : [applicationPlan(application, next.web, next.startupHooks)]
      }),
    })),
  }
}

/** The plan as lines of text; `readers` describe the settings of their sections. */
export function planLines(plan: Plan, readers: readonly SectionReader[]): readonly string[] {
  return plan.sites.flatMap(({ name, id, bindings, applications, ...settings }) => [
    `site ${name} (${String(id)}) on ${bindings.join(', ')}`,
    ...siteDetails(settings).map(([what, is]) => `  ${what}: ${is}`),
    ...applications.flatMap((application) => applicationLines(application, readers)).map((line) => `  ${line}`),
  ])
}

function applicationPlan(
  application: ApplicationConfig,
  web: WebConfig,
  startupHooks: readonly StartupHookPlan[],
): ApplicationPlan {
  const environmentVariables = web.process.environmentVariables.map(({ name, value }) => ({
    name,
    value: secretName.test(name) && value !== '' ? hidden : value,
  }))
  return {
    path: application.path,
    physicalPath: application.physicalPath,
    ...(application.pool !== undefined && { pool: application.pool.name }),
    files: web.files,
    process: { ...web.process, environmentVariables },
    handlers: web.handlers,
    sections: web.sections,
    ...(web.parts !== undefined && { parts: web.parts }),
    startupHooks,
  }
}

function applicationLines(plan: ApplicationPlan, readers: readonly SectionReader[]): readonly string[] {
  const { process } = plan
  const more = process.processesPerApplication === 1 ? '' : `, ${String(process.processesPerApplication)} processes`
  const model = process.hostingModel === 'inprocess' ? ' (inprocess in web.config, run out of process)' : ''
  const details: readonly (readonly [string, string])[] = [
    ['read', plan.files.join(', ')],
    ...(plan.pool === undefined ? [] : [['pool', plan.pool] as const]),
    [process.kind, `${process.processPath} ${process.arguments}`.trim() + more + model],
    ['start', `${seconds(process.startupTimeLimit)} for each of ${counted(process.startAttempts, 'attempt')}`],
    ['stop', `${seconds(process.shutdownTimeLimit)}, then killed`],
    ...(process.upstreamProtocol === 'h2c' ? [['protocol', 'HTTP/2 in plain text (h2c)'] as const] : []),
    ...(process.userForwarding === 'header' ? [['users', 'named in a header, which the app reads'] as const] : []),
    ['request timeout', process.requestTimeout === 0 ? 'none' : `${seconds(process.requestTimeout)} without a byte`],
    ['rapid fails', `${String(process.rapidFailsPerMinute)} in a minute`],
    ...readers.flatMap((reader) => {
      const settings = settingsOf(plan, reader)
      return settings === undefined ? [] : reader.describe(settings)
    }),
    ...plan.startupHooks.map(({ assembly, purpose }) => ['startup hook', `${assembly} (${purpose})`] as const),
    ['stdout log', process.stdoutLogEnabled ? `${process.stdoutLogFile}_TIME_PID.log` : 'off'],
    ...plan.handlers.map(handlerDetail),
    ...process.environmentVariables.map(({ name, value }) => ['environment', `${name}=${value}`] as const),
  ]
  return [
    `application ${plan.path} in ${plan.physicalPath}`,
    ...details.map(detailLine),
    ...(plan.parts ?? []).flatMap((part) => partLines(part, plan, readers)),
  ]
}

/** What a part has besides what its application has. */
function partLines(part: PartSettings, plan: ApplicationPlan, readers: readonly SectionReader[]): readonly string[] {
  const details = readers.flatMap((reader) => {
    const settings = settingsOf(part, reader)
    if (settings === undefined) return settingsOf(plan, reader) === undefined ? [] : [[reader.section, 'off'] as const]
    return sameSettings(settings, settingsOf(plan, reader)) ? [] : reader.describe(settings)
  })
  const handlers = sameSettings(part.handlers, plan.handlers) ? [] : part.handlers.map(handlerDetail)
  return [`  part ${oneLine(part.path)}`, ...[...details, ...handlers].map(detailLine).map((line) => `  ${line}`)]
}

function handlerDetail({ name, path, verbs, ours }: HandlerConfig): PlanDetail {
  return ['handler', `${name}: ${verbs.join(',')} ${path}${ours ? '' : ' (not to the application)'}`]
}

function detailLine([what, is]: PlanDetail): string {
  return `  ${what}: ${oneLine(is)}`
}

function seconds(milliseconds: number): string {
  return `${String(milliseconds / 1000)} s`
}

function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Replaces control characters: a line break in a value would look like another line of the plan. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}
