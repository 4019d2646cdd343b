import type { ProcessConfig } from '../../config/model.ts'
import { type HookObstacle, obstacleText, type StartupHook, startupHook } from './startup-hooks.ts'

/** A kind of authentication, as ASPNETCORE_IIS_HTTPAUTH names it. */
export type AuthenticationScheme = 'windows' | 'basic' | 'anonymous'

const hook = startupHook('Ancmd.Identity', {
  hostingStartup: 'Ancmd.Identity',
  purpose: 'gives the app the users that are authenticated here',
})

/** The settings that decide whether an application needs the hook. */
export interface AuthenticatedApplication {
  readonly process: Pick<ProcessConfig, 'userForwarding'>
  /** Those that are enabled. */
  readonly authentication: readonly AuthenticationScheme[]
}

/** The startup hook that gives an unmodified app its users, needed where users are authenticated here. */
export function userHooks({ process, authentication }: AuthenticatedApplication): readonly StartupHook[] {
  return process.userForwarding === undefined && authentication.some((scheme) => scheme !== 'anonymous') ? [hook] : []
}

/** Whether a hook is the one that gives an app its users. */
export function isUserHook(candidate: StartupHook): boolean {
  return candidate === hook
}

/** Why an app does not take the users that it is given. */
export type UserObstacle =
  | HookObstacle
  /** A response came without the sign that the hook's code has seen the request. */
  | { readonly why: 'unproved' }

export interface UserNotice {
  readonly text: string
  readonly cure: string
}

const cures =
  'Let the application read MS-ASPNETCORE-ANCMD-USER itself and write readsUserHeader="true", or, if it needs no user, ' +
  'forwardWindowsAuthToken="false".'

/** The notice that an application does not take its users, and what to do about it. */
export function describeUserObstacle(obstacle: UserObstacle): UserNotice {
  const because =
    obstacle.why === 'unproved'
      ? 'the hosting startup Ancmd.Identity does not run in it (CreateSlimBuilder, CreateEmptyBuilder and ' +
        'ASPNETCORE_PREVENTHOSTINGSTARTUP run none)'
      : obstacleText(obstacle)
  return {
    text: `The application cannot be told which user is authenticated, so requests of users are answered with 500: ${because}.`,
    cure: `${cureOf(obstacle)}${cures}`,
  }
}

function cureOf({ why }: UserObstacle): string {
  switch (why) {
    case 'unproved':
      return 'Use WebApplication.CreateBuilder. Or: '
    case 'switched-off':
      return 'Publish the application without trimming. Or: '
    case 'old-runtime':
      return 'Publish the application for .NET 8 or newer. Or: '
    case 'not-built':
    case 'unusable-path':
    case 'no-runtime-config':
      return ''
  }
}
