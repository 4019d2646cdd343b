import { describe, expect, test } from 'vitest'
import { bodyLimitHooks, describeBodyLimit, type BodyLimitReason } from '../../../../src/process/command/body-limit.ts'

function allowing(maxAllowedContentLength: number, kind: 'aspNetCore' | 'httpPlatform' = 'aspNetCore') {
  return { process: { kind }, maxAllowedContentLength }
}

describe("Kestrel's own limit of a body", () => {
  test.each([30_000_001, 4_294_967_295])('is lifted where web.config allows %i bytes', (length) => {
    expect(bodyLimitHooks(allowing(length))).toMatchObject([
      {
        assembly: expect.stringMatching(/Ancmd\.BodyLimit\.dll$/) as string,
        setsSwitch: 'Microsoft.AspNetCore.Server.IISIntegration.ClearMaxRequestBodySize',
        purpose: "lifts Kestrel's own limit of 30,000,000 bytes",
      },
    ])
  })

  test.each([0, 1000, 30_000_000])('stays where web.config allows %i bytes, which ancmd checks first', (length) => {
    expect(bodyLimitHooks(allowing(length))).toEqual([])
  })

  test('stays for <httpPlatform>, whose programs have no IIS integration', () => {
    expect(bodyLimitHooks(allowing(500_000_000, 'httpPlatform'))).toEqual([])
  })
})

describe('the notice that it stays', () => {
  const said = (reason: BodyLimitReason) => describeBodyLimit(allowing(500_000_000), reason)

  test('names both limits, the reason and the cure', () => {
    const { text, cure, isCertain } = said({ why: 'switched-off' })
    expect(text).toMatch(
      /500,000,000 bytes, .* 30,000,000 bytes .*: its runtimeconfig\.json switches startup hooks off/,
    )
    expect(cure).toMatch(/MaxRequestBodySize.*RuntimeHostConfigurationOption.*ClearMaxRequestBodySize/)
    expect(isCertain).toBe(true)
  })

  test.each([
    [{ why: 'not-built', assembly: '/x.dll' }, true, true],
    [{ why: 'unusable-path', assembly: '/x.dll' }, true, true],
    [{ why: 'old-runtime' }, false, true],
    [{ why: 'no-iis-integration' }, true, false],
    [{ why: 'no-runtime-config', program: '/x' }, false, false],
  ] as const)('%o', (reason, isCertain, hasSwitch) => {
    expect(said(reason).isCertain).toBe(isCertain)
    expect(said(reason).cure.includes('RuntimeHostConfigurationOption')).toBe(hasSwitch)
  })
})
