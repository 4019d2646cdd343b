import type { ApplicationConfig, SiteConfig, WebConfig } from '../config/model.ts'
import type { StartupHookPlan } from '../config/plan.ts'
import { type Problem, problemAt, wholeFile } from '../config/problems.ts'
import { bodyLimitHooks, bodyLimitKept } from '../process/body-limit.ts'
import { resolveCommand } from '../process/command.ts'
import { childEnvironment } from '../process/environment.ts'
import { diskView } from '../process/folder-view.ts'
import { chooseHooks } from '../process/startup-hooks.ts'

export interface PlannedHooks {
  readonly hooks: readonly StartupHookPlan[]
  readonly problems: readonly Problem[]
}

/** What a start would do with startup hooks; nothing is run. */
export async function plannedHooks(
  site: SiteConfig,
  { path, physicalPath }: ApplicationConfig,
  web: WebConfig,
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<PlannedHooks> {
  const wanted = bodyLimitHooks(web)
  const config = web.process
  const launch = {
    config,
    physicalPath,
    applicationPath: path,
    site,
    inherited,
    httpsPort: undefined,
    guard: undefined,
  }
  const environment = childEnvironment(launch, 0, '')
  const places = { path: environment['PATH'], dotnetRoot: environment['DOTNET_ROOT'], home: environment['HOME'] }
  const command = resolveCommand({ ...config, physicalPath, port: 0, places }, diskView)
  const choices = command.ok ? await chooseHooks(wanted, command.value, diskView) : []
  return {
    hooks: choices.flatMap(({ hook, outcome }) => {
      return outcome === 'loaded' ? [{ assembly: hook.assembly, purpose: hook.purpose }] : []
    }),
    problems: choices.flatMap(({ outcome }) => {
      if (typeof outcome === 'string') return []
      const { text, cure, isCertain } = bodyLimitKept(web, outcome)
      return [problemAt(isCertain ? 'warning' : 'notice', wholeFile(web.files[0] ?? physicalPath), text, cure)]
    }),
  }
}
