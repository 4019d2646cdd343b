import { bool, nonEmpty, string, timeSpan, uint } from '../../platform/schema.ts'
import { openElement } from '../xml/element.ts'
import { namedValuesShape } from './named-values.ts'
import type { ProcessSection } from './process-section.ts'

/**
 * `<system.webServer><httpPlatform>`, which runs a program other than ASP.NET Core that listens on
 * %HTTP_PLATFORM_PORT%. Attributes, ranges and defaults are those of HttpPlatformHandler 1.2, taken from its schema and
 * its configuration reference.
 */
export const httpPlatform: ProcessSection = {
  name: 'httpPlatform',
  shape: {
    kinds: {
      processPath: nonEmpty('the program to start'),
      arguments: string(),
      startupTimeLimit: uint({ min: 0, max: 3600, unit: 'seconds' }),
      startupRetryCount: uint({ min: 0, max: 100 }),
      rapidFailsPerMinute: uint({ min: 0, max: 100 }),
      // The schema of HttpPlatformHandler allows whole minutes only; ancmd accepts seconds too.
      requestTimeout: timeSpan({ min: 0, max: 2_592_000 }),
      stdoutLogEnabled: bool(),
      stdoutLogFile: nonEmpty('where the log files go, such as .\\logs\\stdout'),
      processesPerApplication: uint({ min: 1, max: 100 }),
      forwardWindowsAuthToken: bool(),
      // Ours.
      readsUserHeader: bool(),
    },
    children: { environmentVariables: namedValuesShape('environmentVariable'), recycleOnFileChange: openElement },
    defaults: {
      startupTimeLimit: 10,
      rapidFailsPerMinute: 10,
      requestTimeout: 120_000,
      stdoutLogFile: '.\\httpplatform-stdout',
      stdoutLogEnabled: false,
      processesPerApplication: 1,
      startupRetryCount: 10,
      forwardWindowsAuthToken: false,
      readsUserHeader: false,
    },
  },
  // This section has no such attribute.
  shutdownTimeLimit: 10,
  // "Will kill the process and try to launch it again startupRetryCount times": the first attempt is not a retry.
  startAttempts: (startupRetryCount = 10) => 1 + startupRetryCount,
}
