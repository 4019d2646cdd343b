import { describe, expect, test } from 'vitest'
import {
  type AuthenticationScheme,
  describeUserObstacle,
  isUserHook,
  userHooks,
  type UserObstacle,
} from '../../../../src/process/command/user-hook.ts'

function hooksFor(authentication: readonly AuthenticationScheme[], userForwarding?: 'header' | 'none') {
  return userHooks({ process: { userForwarding }, authentication })
}

describe('the startup hook that gives an app its users', () => {
  test.each([
    [['windows']],
    [['basic', 'anonymous']],
    [['anonymous', 'basic', 'windows']],
  ] as const)('is needed where users are authenticated here: %j', (authentication) => {
    const [hook, ...others] = hooksFor(authentication)
    expect(hook).toMatchObject({
      assembly: expect.stringMatching(/Ancmd\.Identity\.dll$/) as string,
      hostingStartup: 'Ancmd.Identity',
    })
    expect(others).toEqual([])
    expect(hook && isUserHook(hook)).toBe(true)
  })

  test('is not needed where everybody is anonymous', () => {
    expect(hooksFor(['anonymous'])).toEqual([])
    expect(hooksFor([])).toEqual([])
  })

  test.each(['header', 'none'] as const)('is not needed by an app that gets its users by: %s', (way) => {
    expect(hooksFor(['windows', 'basic'], way)).toEqual([])
  })
})

test.each([
  [{ why: 'unproved' }, /hosting startup.*CreateSlimBuilder/, /^Use WebApplication\.CreateBuilder/],
  [{ why: 'switched-off' }, /trimmed/, /^Publish .* without trimming/],
  [{ why: 'old-runtime' }, /\.NET 8 or newer/, /^Publish .* \.NET 8/],
  [{ why: 'not-built', assembly: '/x.dll' }, /\/x\.dll was not built/, /^Let the application read/],
  [{ why: 'unusable-path', assembly: '/a:b/x.dll' }, /\/a:b\/x\.dll/, /^Let the application read/],
  [{ why: 'no-runtime-config', program: '/bin/node' }, /\/bin\/node has no runtimeconfig/, /^Let the application read/],
] as const satisfies readonly (readonly [
  UserObstacle,
  RegExp,
  RegExp,
])[])('an app that cannot take its users is told so, with the cure: %o', (obstacle, text, cure) => {
  const said = describeUserObstacle(obstacle)
  expect(said.text).toMatch(text)
  expect(said.text).toContain('500')
  expect(said.cure).toMatch(cure)
  expect(said.cure).toMatch(/readsUserHeader="true".*forwardWindowsAuthToken="false"/)
})
