import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import type { Daemon } from './daemon.ts'
import { type DotnetApp, dotnetApp } from './dotnet-apps.ts'
import { editWebConfig, temporaryFolder, type WebConfigEdit } from './folders.ts'
import type { Kdc } from './kdc.ts'

/** The field that names the user to the app. */
export const userField = 'MS-ASPNETCORE-ANCMD-USER'
/** Twenty users more. */
export const many = Array.from({ length: 20 }, (_, i) => `user${String(i)}`)
const users = ['alice', 'bob', ...many].map((name) => `${name}:${hashSync(`${name}pw`, 4)}`).join('\n')

/** The field with which a user proves who it is. */
export const by = (name: string) => ({ Authorization: `Basic ${Buffer.from(`${name}:${name}pw`).toString('base64')}` })
/** A user whom somebody has made up. */
export const forged = Buffer.from('{"name":"admin","authenticationType":"Basic","groups":["Auditors"]}').toString(
  'base64',
)

/** The SDK writes no web.config for an app that is published for this system alone. */
const webConfig = `<configuration><system.webServer>
  <handlers><add name="aspNetCore" path="*" verb="*" modules="AspNetCoreModuleV2" /></handlers>
  <aspNetCore processPath=".\\AuthApp" />
</system.webServer></configuration>`

/** The section for Basic, with a file of these users: alice, bob and the twenty, each with a password of `NAMEpw`. */
export async function basicAuthentication(): Promise<string> {
  const usersFile = join(await temporaryFolder(), 'users')
  await writeFile(usersFile, users)
  return `<security><authentication><basicAuthentication enabled="true" usersFile="${usersFile}" /></authentication></security>`
}

/** An app whose users are authenticated by Basic, while everybody else is anonymous. */
export async function withUsers(folder: string, { webServer = '', ...edit }: WebConfigEdit = {}): Promise<string> {
  await editWebConfig(folder, { ...edit, webServer: (await basicAuthentication()) + webServer })
  return folder
}

export async function authApp(edit: WebConfigEdit = {}, name: DotnetApp = 'auth'): Promise<string> {
  return withUsers(await withWebConfig(name), edit)
}

/** An app whose users come with tickets of this realm, while everybody else is anonymous. */
export async function intranetApp(
  kdc: Kdc,
  { webServer = '', ...edit }: WebConfigEdit = {},
  { name = 'auth', windows = '', anonymous = true, keytab = kdc.keytab }: IntranetWish = {},
): Promise<string> {
  const folder = await withWebConfig(name)
  const sections =
    `<anonymousAuthentication enabled="${String(anonymous)}" />` +
    `<windowsAuthentication enabled="true" keytab="${keytab}" ${windows} />`
  const security = `<security><authentication>${sections}</authentication></security>`
  await editWebConfig(folder, { ...edit, webServer: security + webServer })
  return folder
}

export interface IntranetWish {
  readonly name?: DotnetApp
  /** Further attributes of `<windowsAuthentication>`. */
  readonly windows?: string
  readonly anonymous?: boolean
  readonly keytab?: string
}

async function withWebConfig(name: DotnetApp): Promise<string> {
  const folder = await dotnetApp(name)
  await writeFile(join(folder, 'web.config'), webConfig, { flag: 'wx' }).catch(() => undefined)
  return folder
}

/** Changes what the app's runtimeconfig.json says. */
export async function editRuntimeConfig(
  folder: string,
  edit: (options: Record<string, unknown>) => void,
): Promise<void> {
  const file = join(folder, 'AuthApp.runtimeconfig.json')
  const json = JSON.parse(await readFile(file, 'utf8')) as { runtimeOptions: Record<string, unknown> }
  edit(json.runtimeOptions)
  await writeFile(file, JSON.stringify(json))
}

/** The address of the app itself. */
export async function addressOfApp(daemon: Daemon): Promise<string> {
  const { port } = await daemon.event('processStarted')
  return `http://127.0.0.1:${String(port)}`
}
