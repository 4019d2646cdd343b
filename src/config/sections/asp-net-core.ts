import { bool, choice, nonEmpty, string, timeSpan, uint } from '../../platform/schema.ts'
import { openElement } from '../xml/element.ts'
import { handlerSettingNames } from './handler-settings.ts'
import { namedValuesShape } from './named-values.ts'
import type { ProcessSection } from './process-section.ts'

const shutdownTimeLimit = 10

/** `<system.webServer><aspNetCore>`: attributes, ranges and defaults of ANCM's schema. */
export const aspNetCore: ProcessSection = {
  name: 'aspNetCore',
  shape: {
    kinds: {
      processPath: nonEmpty('the program to start'),
      arguments: string(),
      startupTimeLimit: uint({ min: 0, max: 3600, unit: 'seconds' }),
      shutdownTimeLimit: uint({ min: 0, max: 600, unit: 'seconds' }),
      rapidFailsPerMinute: uint({ min: 0, max: 100 }),
      requestTimeout: timeSpan({ min: 0, max: 1_296_000 }),
      stdoutLogEnabled: bool(),
      stdoutLogFile: nonEmpty('where the log files go, such as .\\logs\\stdout'),
      processesPerApplication: uint({ min: 1, max: 100 }),
      forwardWindowsAuthToken: bool(),
      disableStartUpErrorPage: bool(),
      hostingModel: choice(['inprocess', 'outofprocess', '']),
      // Not ANCM's, which speaks HTTP/1.1 only.
      upstreamProtocol: choice(['http1', 'h2c']),
      // Not ANCM's, which gives the app a handle of Windows.
      readsUserHeader: bool(),
    },
    children: {
      environmentVariables: namedValuesShape('environmentVariable'),
      handlerSettings: namedValuesShape('handlerSetting', handlerSettingNames),
      recycleOnFileChange: openElement,
    },
    defaults: {
      startupTimeLimit: 120,
      shutdownTimeLimit,
      rapidFailsPerMinute: 10,
      requestTimeout: 120_000,
      stdoutLogFile: '.\\aspnetcore-stdout',
      stdoutLogEnabled: false,
      processesPerApplication: 1,
      disableStartUpErrorPage: false,
      upstreamProtocol: 'http1',
      forwardWindowsAuthToken: true,
      readsUserHeader: false,
    },
  },
  shutdownTimeLimit,
  // A constant of ANCM, not a setting.
  startAttempts: () => 2,
}
