import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Daemon, type DaemonOptions } from './daemon.ts'
import { atTheEnd } from './ending.ts'
import { temporaryFolder } from './folders.ts'
import { freePort } from './free-port.ts'

export interface HostFileSite {
  /** The folder of its only application. */
  readonly folder: string
  /** `<binding>` elements besides the one that the daemon is asked by. */
  readonly bindings?: string
  /** XML inside `<site>`, besides the application and the binding. */
  readonly site?: string
  /** XML inside `<configuration>`, after `<system.applicationHost>`. */
  readonly configuration?: string
  /** XML inside `<system.applicationHost>`, after `<sites>`. */
  readonly applicationHost?: string
}

/** Starts `ancmd run --config` with one site on a free port of the loopback, and waits until it listens. */
export async function startWithHostFile(
  { folder, bindings = '', site = '', configuration = '', applicationHost = '' }: HostFileSite,
  options: DaemonOptions = {},
): Promise<Daemon> {
  const port = await freePort()
  const file = join(await temporaryFolder(), 'ancmd.config')
  await writeFile(
    file,
    `<configuration><system.applicationHost><sites><site name="one" id="1">` +
      `<application path="/"><virtualDirectory path="/" physicalPath="${folder}" /></application>` +
      `<bindings><binding protocol="http" bindingInformation="127.0.0.1:${String(port)}:" />${bindings}</bindings>${site}` +
      `</site></sites>${applicationHost}</system.applicationHost>${configuration}</configuration>`,
  )
  const daemon = new Daemon(['run', '--config', file, '--log-format', 'json', ...(options.args ?? [])], options)
  atTheEnd(() => daemon.end())
  await daemon.event('listening')
  daemon.port = port
  return daemon
}
