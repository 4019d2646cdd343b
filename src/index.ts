/** The public API: hosts applications inside another Node.js program, as the command line does. */
export type { ApplicationConfig, BindingConfig, HostConfig, SiteConfig } from './config/model.ts'
export type { Problem } from './config/problems.ts'
export type { LoadedHostFile } from './config/host-file/load.ts'
export { type FolderOptions, loadFolder } from './config/web-config/load.ts'
export { createHost, type CreateHostOptions, loadHostFile } from './host/create-host.ts'
export type { EngineName } from './host/engine.ts'
export type { AppOutput, Host, HostStartFailure, HostStatus } from './host/host.ts'
export type { Level, Log, LogEntry } from './log/entry.ts'
