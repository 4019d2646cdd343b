import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Daemon, type DaemonOptions, startDaemon } from './daemon.ts'
import { eventually } from './eventually.ts'
import { copyApp, editWebConfig, temporaryFolder } from './folders.ts'
import { host, type Kdc } from './kdc.ts'

export interface Wish {
  readonly anonymous?: boolean
  /** Attributes of `<windowsAuthentication>`. */
  readonly attributes?: string
  readonly keytab?: string
  readonly options?: DaemonOptions
}

/** Applications with Windows authentication in the realm of a Kdc, and requests to them. */
export function kerberosSite(realm: () => Kdc) {
  const folderFor = async ({ anonymous = false, attributes = '', keytab = realm().keytab }: Wish = {}) => {
    const folder = await copyApp('node-twin')
    const sections =
      `<anonymousAuthentication enabled="${String(anonymous)}" />` +
      `<windowsAuthentication enabled="true" keytab="${keytab}" ${attributes} />`
    await editWebConfig(folder, { webServer: `<security><authentication>${sections}</authentication></security>` })
    return folder
  }
  const start = async (wish: Wish = {}) => {
    const { args = [], ...options } = wish.options ?? {}
    const log = join(await temporaryFolder(), 'access.log')
    const folder = await folderFor(wish)
    const environment = realm().daemonEnvironment
    const daemon = await startDaemon(folder, { ...options, environment, args: ['--access-log', log, ...args] })
    /** The known user in the line of the access log that names this target. */
    const userOf = (target: string) =>
      eventually(`the line of ${target}`, async () => {
        const lines = (await readFile(log, 'utf8').catch(() => '')).split('\n')
        const [path, query = '-'] = target.split('?')
        return lines
          .map((line) => line.split(' '))
          .filter((fields) => fields[4] === path && fields[5] === query && fields[7] !== '-')
          .at(-1)?.[7]
      })
    return { daemon, userOf, folder }
  }
  const here = (daemon: Daemon, target: string) => [
    '--resolve',
    `${host}:${String(daemon.port)}:127.0.0.1`,
    `http://${host}:${String(daemon.port)}${target}`,
  ]
  const ask = (daemon: Daemon, authorization?: string, target = '/HelloWorld') =>
    daemon.send(target, authorization === undefined ? {} : { headers: { Authorization: authorization } })
  const refusal = async (daemon: Daemon, authorization: string) => {
    const { status, text, field } = await ask(daemon, authorization)
    return [status, /<title>HTTP Error (\S+)/.exec(text)?.[1], field('WWW-Authenticate')]
  }

  return { folderFor, start, here, ask, refusal }
}
