import { describe, expect, test } from 'vitest'
import type { PoolConfig } from '../../../../src/config/model.ts'
import { binding, createReader, site } from './read.ts'

const reader = createReader()

/** A host file with these contents of `<applicationPools>` and one application in the pool "shop". */
const withPools = (pools: string, application = 'applicationPool="shop"'): string => {
  const www = site(binding('*:80:')).replace('<application ', `<application ${application} `)
  return `<configuration><system.applicationHost><applicationPools>\n${pools}\n</applicationPools><sites>${www}</sites></system.applicationHost></configuration>`
}

async function pool(pools: string, application?: string): Promise<PoolConfig | undefined> {
  return (await reader.config(withPools(pools, application))).sites[0]?.applications[0]?.pool
}

describe('an application pool', () => {
  test('that says nothing has no limits: those of IIS are not ours', async () => {
    expect(await pool('<add name="shop" />')).toEqual({
      name: 'shop',
      autoStart: true,
      startMode: 'OnDemand',
      environmentVariables: [],
      limits: {},
    })
  })

  test('has every setting of IIS that can be honoured', async () => {
    const text = `<add name="Shop" queueLength="10" autoStart="false" startMode="alwaysrunning">
      <processModel idleTimeout="1.00:05:00" idleTimeoutAction="Suspend" maxProcesses="4" />
      <recycling disallowOverlappingRotation="true" disallowRotationOnConfigChange="true">
        <periodicRestart time="29:00:00" requests="1000" memory="2048" privateMemory="4">
          <schedule><add value="13:30:00" /><add value="03:00:00" /><add value="5:07" /></schedule>
        </periodicRestart>
      </recycling>
      <failure rapidFailProtection="false" rapidFailProtectionInterval="00:05:00" rapidFailProtectionMaxCrashes="5" />
      <cpu limit="50000" action="Throttle" resetInterval="00:01:00" />
      <environmentVariables><add name="A" value="1" /></environmentVariables>
    </add>`
    expect(await pool(text)).toEqual({
      name: 'Shop',
      autoStart: false,
      startMode: 'AlwaysRunning',
      environmentVariables: [{ name: 'A', value: '1' }],
      limits: {
        queueLength: 10,
        idleTimeoutMs: 86_700_000,
        idleTimeoutAction: 'Suspend',
        maxProcesses: 4,
        disallowOverlappingRotation: true,
        disallowRotationOnConfigChange: true,
        periodicRestart: {
          timeMs: 104_400_000,
          requests: 1000,
          memoryBytes: 2_097_152,
          privateMemoryBytes: 4096,
          schedule: [10_800_000, 18_420_000, 48_600_000],
        },
        rapidFailProtection: false,
        rapidFailProtectionIntervalMs: 300_000,
        rapidFailProtectionMaxCrashes: 5,
        cpu: { limit: 50_000, action: 'Throttle', resetIntervalMs: 60_000 },
      },
    })
  })

  test('takes what it does not say from applicationPoolDefaults, wherever these stand', async () => {
    const defaults = `<applicationPoolDefaults startMode="AlwaysRunning" queueLength="20">
      <processModel maxProcesses="2" idleTimeout="00:10:00" />
      <recycling><periodicRestart><schedule><add value="01:00:00" /></schedule></periodicRestart></recycling>
      <environmentVariables><add name="A" value="1" /><add name="B" value="2" /><add name="C" value="3" /></environmentVariables>
    </applicationPoolDefaults>`
    const own = `<add name="shop" queueLength="30">
      <processModel maxProcesses="3" />
      <recycling><periodicRestart><schedule><clear /><add value="02:00:00" /></schedule></periodicRestart></recycling>
      <environmentVariables><remove name="b" /><add name="c" value="4" /></environmentVariables>
    </add>`
    expect(await pool(own + defaults)).toEqual({
      name: 'shop',
      autoStart: true,
      startMode: 'AlwaysRunning',
      environmentVariables: [
        { name: 'A', value: '1' },
        { name: 'c', value: '4' },
      ],
      limits: { queueLength: 30, idleTimeoutMs: 600_000, maxProcesses: 3, periodicRestart: { schedule: [7_200_000] } },
    })
    const fallback = await pool(defaults, '')
    expect([fallback?.name, fallback?.limits?.queueLength]).toEqual(['DefaultAppPool', 20])
  })

  test('is named in any letter case', async () => {
    expect((await pool('<add name="SHOP" />'))?.name).toBe('SHOP')
  })

  test('tells once what nothing acts on yet, and once what means nothing here', async () => {
    const text = `<add name="shop" managedRuntimeVersion="v4.0" enable32BitAppOnWin64="true" CLRConfigFile="x">
<processModel identityType="LocalSystem" idleTimeout="00:20:00" shutdownTimeLimit="00:01:30" maxProcesses="1" />
<recycling logEventOnRecycle="Time"><periodicRestart requests="0" time="10:00:00" /></recycling></add>
<add name="other" managedRuntimeVersion="" />`
    expect(await reader.problems(withPools(text))).toEqual([
      '2:18: notice: These mean nothing here: managedRuntimeVersion (lines 2, 5), enable32BitAppOnWin64 (line 2), CLRConfigFile (line 2), identityType (line 3), shutdownTimeLimit (line 3), logEventOnRecycle (line 4).',
      '3:42: notice: These are not honoured yet: <processModel idleTimeout> (line 3), <periodicRestart time> (line 4).',
    ])
  })

  test('that asks for nothing, by writing out what happens anyway, is not told so', async () => {
    const text = `<add name="shop"><processModel idleTimeout="00:00:00" idleTimeoutAction="Terminate" maxProcesses="1" />
      <recycling disallowOverlappingRotation="false"><periodicRestart memory="0" privateMemory="0" requests="0" time="00:00:00" /></recycling>
      <cpu limit="0" action="NoAction" /></add>`
    expect(await reader.problems(withPools(text))).toEqual([])
  })

  test.each([
    ['queueLength="9"', 'queueLength="9" is out of range. Write a whole number from 10 to 65535.'],
    ['startMode="Always"', 'startMode="Always" is malformed. Write OnDemand or AlwaysRunning.'],
    [
      '><processModel idleTimeout="00:00:30" /',
      'idleTimeout="00:00:30" is no whole number of minutes. Write hh:mm:00.',
    ],
    ['><processModel idleTimeout="31.00:00:00" /', 'idleTimeout="31.00:00:00" is out of range.'],
    ['><processModel maxProcesses="-1" /', 'maxProcesses="-1" is out of range.'],
    ['><processModl /', '<add> may not hold <processModl>. Did you mean <processModel>?'],
    ['><recycling><periodicRestart memory="1 GB" /></recycling', 'memory="1 GB" is malformed.'],
    [
      '><recycling><periodicRestart><schedule><add value="24:00:00" /></schedule></periodicRestart></recycling',
      'value="24:00:00" is no time of day.',
    ],
    [
      '><recycling><periodicRestart><schedule><add value="03:00:30" /></schedule></periodicRestart></recycling',
      'value="03:00:30" is no time of day.',
    ],
    ['><failure rapidFailProtectionMaxCrashes="0" /', 'rapidFailProtectionMaxCrashes="0" is out of range.'],
    ['><cpu limit="100001" /', 'limit="100001" is out of range.'],
    ['><cpu action="Kill" /', 'action="Kill" is malformed.'],
    ['><environmentVariables><clear /></environmentVariables', '<environmentVariables> may not hold <clear>.'],
    [
      '><environmentVariables><add name="A" value="" /></environmentVariables',
      'value="" is empty. Write a value; IIS allows no empty one here.',
    ],
    [
      '><environmentVariables><add name="A" value="1" /><add name="a" value="2" /></environmentVariables',
      'a is set on line 2 already. Remove one of the two.',
    ],
    ['><environmentVariables><add name="A=B" value="1" /></environmentVariables', 'The name "A=B" holds "="'],
    ['colour="red"', '<add> has no attribute "colour".'],
  ])('with %s is an error with its place and cure', async (inside, expected) => {
    const text = inside.startsWith('>')
      ? `<add name="shop" ${inside}></add>`.replace('/></add>', '/></add>')
      : `<add name="shop" ${inside} />`
    const problems = await reader.problems(withPools(text.replace(' >', '>')))
    const errors = problems.filter((line) => line.includes(': error: '))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(/^2:\d+: error: /)
    expect(errors[0]).toContain(expected)
  })

  test.each([
    ['<add name="shop" /><add name="SHOP" />', 'The application pool "SHOP" is defined on line 2 already.'],
    ['<add name="shop" /><add />', '<add> has no name. Add name="…".'],
    ['<add name="shop" /><add name="a/b" />', 'The name "a/b" of the application pool holds /.'],
    ['<add name="shoq" />', 'There is no application pool "shop". Did you mean "shoq"?'],
    ['', 'There is no application pool "shop". Add <add name="shop" /> to <applicationPools>.'],
  ])('%s: %s', async (pools, expected) => {
    const errors = (await reader.problems(withPools(pools))).filter((line) => line.includes(': error: '))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(expected)
  })

  test('never shows the value of a variable in a problem', async () => {
    const text =
      '<add name="shop"><environmentVariables><add name="A=B" value="s3cret" /><add name="C" value="s3cret" x="s3cret" /></environmentVariables></add>'
    expect((await reader.problems(withPools(text))).join()).not.toContain('s3cret')
  })
})
