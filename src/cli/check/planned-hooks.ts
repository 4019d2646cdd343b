import type { WebConfig } from '../../config/model.ts'
import type { StartupHookPlan } from '../../config/web-config/plan.ts'
import { type Problem, problemAt, wholeFile } from '../../config/problems.ts'
import { bodyLimitHooks, describeBodyLimit } from '../../process/command/body-limit.ts'
import { describeUserObstacle, isUserHook, userHooks } from '../../process/command/user-hook.ts'
import type { Command } from '../../process/command/command.ts'
import { diskView } from '../../process/system/folder-view.ts'
import { largestContentLength } from '../../site/modules/request-filtering/request-filtering.ts'
import { authenticationOf } from '../../site/users/enabled-schemes.ts'
import { chooseHooks } from '../../process/command/startup-hooks.ts'

export interface PlannedHooks {
  readonly hooks: readonly StartupHookPlan[]
  readonly problems: readonly Problem[]
}

/** The startup hooks that a start of this command would load, and problems that say why it would not load others. */
export async function plannedHooks(web: WebConfig, command: Command): Promise<PlannedHooks> {
  const limited = { process: web.process, maxAllowedContentLength: largestContentLength(web) }
  const users = userHooks({ process: web.process, authentication: authenticationOf(web) })
  const choices = await chooseHooks([...bodyLimitHooks(limited), ...users], command, diskView)
  return {
    hooks: choices.flatMap(({ hook, outcome }) => {
      return outcome === 'loaded' ? [{ assembly: hook.assembly, purpose: hook.purpose }] : []
    }),
    problems: choices.flatMap(({ hook, outcome }) => {
      if (typeof outcome === 'string') return []
      if (isUserHook(hook)) {
        const { text, cure } = describeUserObstacle(outcome)
        return [problemAt('warning', wholeFile(web.places.processPath.file), text, cure)]
      }
      const { text, cure, isCertain } = describeBodyLimit(limited, outcome)
      return [problemAt(isCertain ? 'warning' : 'notice', wholeFile(web.places.processPath.file), text, cure)]
    }),
  }
}
