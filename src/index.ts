/** The public API: what the command line is made of, for tests and programs that embed the daemon. */
export type { BindingConfig, HostConfig, SiteConfig } from './config/model.ts'
export { type FolderOptions, loadFolder } from './config/web-config/load.ts'
export type { Problem } from './config/problems.ts'
export { createHost, type CreateHostOptions } from './host/create-host.ts'
export type { Host } from './host/host.ts'
export type { Level, Log, LogEntry } from './log/entry.ts'
export type { HostStatus } from './host/status.ts'
