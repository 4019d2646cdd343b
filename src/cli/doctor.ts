import type { ApplicationConfig, BindingConfig, HostConfig, SiteConfig } from '../config/model.ts'
import type { Problem } from '../config/problems.ts'
import { applicationSource, type SourceOptions } from '../config/web-config/application.ts'
import { examineApplication } from '../process/diagnosis/diagnose.ts'
import type { Check, Finding } from '../process/diagnosis/finding.ts'
import { thisMachine } from '../process/diagnosis/machine.ts'
import { findUser, ownUser, type User } from '../process/diagnosis/user.ts'
import { diskView } from '../process/system/folder-view.ts'
import { modules, sectionsOf } from '../site/modules.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { launchToExamine, loadHosted, readHosted } from './hosted.ts'
import { type OptionSpec, type ParsedOptions, readOptions } from './options.ts'
import type { Terminal, Verb } from './verb.ts'
import { checkDirectories } from './doctor/directories.ts'
import { checkPorts } from './doctor/ports.ts'
import { type Examination, examinationLines, summaryLine } from './doctor/report.ts'

const options: readonly OptionSpec[] = [
  { name: 'port', value: 'N', summary: 'the http port that the daemon is to have; default 80' },
  { name: 'config', value: 'FILE', summary: 'examine a host file and every application in it instead of a folder' },
  { name: 'path-base', value: '/sub', summary: 'virtual path of the application; default /' },
  { name: 'user', value: 'NAME', summary: 'the user that the daemon is to run as; default: who asks' },
  { name: 'json', value: undefined, summary: 'every check as one JSON document' },
]

/** `ancmd doctor [folder]`: looks for all that would keep the daemon or an app from running here, and starts nothing. */
export const doctor: Verb = {
  options,
  act: async (args, terminal) => {
    const read = readOptions(args, options, 1)
    const wanted = read.ok ? readWanted(read.value, terminal) : read.failure.message
    const hosted = read.ok && typeof wanted !== 'string' ? readHosted(read.value, [wanted.binding]) : undefined
    if (!read.ok || typeof wanted === 'string' || hosted?.ok !== true) {
      const message = typeof wanted === 'string' ? wanted : hosted?.ok === false ? hosted.failure.message : ''
      terminal.err(`ancmd doctor: ${message}\nancmd doctor --help lists the options\n`)
      return exitCode.usage
    }
    const { config, notices } = await loadHosted(hosted.value, terminal.environment)
    const problems = config.ok ? notices : config.failure
    const examinations: Examination[] = []
    if (config.ok) examinations.push(...(await examineAll(config.value, problems, wanted.user, terminal)))
    else examinations.push({ scope: 'daemon', checks: [ofConfiguration(problems, '')] })
    if (read.value.has('json')) {
      terminal.out(`${JSON.stringify({ version: 1, user: wanted.user.name, examinations }, null, 2)}\n`)
    } else {
      terminal.out(`${[...examinations.flatMap(examinationLines), '', summaryLine(examinations)].join('\n')}\n`)
    }
    return exitCodeOf(examinations)
  },
}

/** The user and the binding that are asked for, or what is wrong with them. */
function readWanted(given: ParsedOptions, { environment }: Terminal): { user: User; binding: BindingConfig } | string {
  const written = given.value('port') ?? '80'
  const port = /^\d{1,5}$/.test(written) ? Number(written) : -1
  if (port < 0 || port > 65_535) return `option --port takes a number from 0 to 65535, not '${written}'`
  const name = given.value('user')
  const user = name === undefined ? ownUser(environment) : findUser(name)
  if (user === undefined) return `there is no user '${name ?? ''}' on this machine`
  return { user, binding: { protocol: 'http', address: undefined, port, hostName: '' } }
}

async function examineAll(
  { sites, trustedProxies = [], file }: HostConfig,
  problems: readonly Problem[],
  user: User,
  { environment }: Terminal,
): Promise<readonly Examination[]> {
  const machine = thisMachine()
  const bindings = sites.flatMap((site) => site.bindings)
  const certificates = bindings.some(({ tls }) => tls !== undefined) ? await reviewCertificates(bindings) : []
  const ports = await checkPorts(bindings, user, machine)
  const found: Examination[] = [
    {
      scope: 'daemon',
      checks: [
        ofConfiguration(
          [...problems, ...certificates],
          `${String(bindings.length)} ${bindings.length === 1 ? 'binding' : 'bindings'}`,
        ),
        ports,
      ],
    },
  ]
  for (const site of sites) {
    for (const application of site.applications) {
      found.push(
        await examine(site, application, user, {
          environment,
          mayComeByHttps: () => (file === undefined ? 'unknown' : trustedProxies.length > 0),
        }),
      )
    }
  }
  return found
}

async function examine(
  site: SiteConfig,
  application: ApplicationConfig,
  user: User,
  { environment, mayComeByHttps }: Pick<SourceOptions, 'environment' | 'mayComeByHttps'>,
): Promise<Examination> {
  const { path, physicalPath } = application
  const scope = `${site.name}${path} (${physicalPath})`
  const sections = sectionsOf(modules)
  const web = await applicationSource(site, application, { environment, sections, mayComeByHttps }).load()
  const configuration = ofConfiguration(web.ok ? web.value.notices : web.failure, 'web.config is valid')
  if (!web.ok) return { scope, checks: [configuration] }
  const launch = launchToExamine(site, application, web.value.process, environment)
  const checks = [...(await examineApplication(launch, user, diskView)), ...(await checkDirectories(web.value))]
  return { scope, checks: [configuration, ...checks] }
}

/** Errors and warnings; a notice keeps nothing from running. */
function ofConfiguration(problems: readonly Problem[], seen: string): Check {
  const findings = problems.flatMap(({ level, file, line, column, text, cure }): Finding[] => {
    if (level === 'notice') return []
    const place = line === 0 ? file : `${file}:${String(line)}:${String(column)}`
    return [{ level, text: `${place}: ${text}`, cure: cure ?? '' }]
  })
  return { subject: 'configuration', seen, findings }
}

async function reviewCertificates(bindings: readonly BindingConfig[]): Promise<readonly Problem[]> {
  const review = await import('../listen/tls/review-certificates.ts')
  return review.reviewCertificates(bindings, new Date())
}

function exitCodeOf(examinations: readonly Examination[]): ExitCode {
  const bad = examinations.flatMap(({ checks }) => {
    return checks.filter(({ findings }) => findings.some(({ level }) => level === 'error'))
  })
  if (bad.some(({ subject }) => subject === 'configuration')) return exitCode.badConfiguration
  return bad.length > 0 ? exitCode.failure : exitCode.ok
}
