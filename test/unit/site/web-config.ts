import type { HandlerConfig, ProcessConfig } from '../../../src/config/model.ts'
import { launchOf } from '../process/support.ts'

/** What `dotnet publish` writes. */
export const catchAllHandlers: readonly HandlerConfig[] = [
  { name: 'aspNetCore', path: '*', verbs: ['*'], ours: true, modules: 'AspNetCoreModuleV2' },
]

export const processConfig: ProcessConfig = launchOf([]).config
