/** What a service manager is told about the daemon. */
export interface ServicePlan {
  /** Node and the file to run, both absolute. */
  readonly program: readonly string[]
  /** The host file, absolute. */
  readonly configFile: string
  readonly user: string
  /** Whether the user is made if there is none: only for the user that carries the service's own name. */
  readonly makesUser: boolean
  /** Where the http and https bindings listen, as ListenStream= of systemd has it: `80`, `[::1]:80`, `10.0.0.1:80`. */
  readonly httpStreams: readonly string[]
  readonly httpsStreams: readonly string[]
  /** Folders that applications may write to, absolute. */
  readonly writableFolders: readonly string[]
}

/** One file of a service, absolute path and text. */
export interface ServiceFile {
  readonly path: string
  readonly text: string
}

/** One service manager: the files that it needs, and the commands that make it read them. Everything is pure. */
export interface ServiceManager {
  readonly name: 'systemd' | 'launchd' | 'winsw'
  /** The system whose manager it is, as `process.platform` names it. */
  readonly platform: NodeJS.Platform
  readonly defaultConfig: string
  readonly defaultUser: string
  /** A file or folder that is there only where the manager runs, and what its absence means; undefined: always there. */
  readonly sign: { readonly path: string; readonly absent: string } | undefined
  /** Files of a package that contain the same service. */
  readonly packaged: readonly string[]
  files(plan: ServicePlan): readonly ServiceFile[]
  /** The paths of all files that `files` may give. */
  readonly paths: readonly string[]
  /** Run one after the other when the files are written. */
  installCommands(plan: ServicePlan): readonly ManagerCommand[]
  /** Run before the files are removed; a failure of one does not stop the removal. */
  readonly stopCommands: readonly ManagerCommand[]
  /** Run when they are removed. */
  readonly removedCommands: readonly ManagerCommand[]
}

/** A program and its arguments. */
export type ManagerCommand = readonly [string, ...string[]]

/** Stands in every file that is written, so that a file of somebody else is neither replaced nor removed. */
export const marker = 'Written by ancmd service install'

/** The arguments of the daemon as a service. */
export function daemonArguments(plan: ServicePlan, ...more: readonly string[]): readonly string[] {
  return [...plan.program, 'run', '--config', plan.configFile, ...more]
}

/** Text for XML, in elements and in attributes. */
export function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
