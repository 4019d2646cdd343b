import { writeFileSync } from 'node:fs'
import { copyFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { atTheEnd } from './ending.ts'

/** The folder of the checkout, without a trailing slash. */
export const top = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** Makes an empty folder for this test, which is removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ancmd-test-'))
  atTheEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** A copy of an app's folder: `node-twin`, `plain`, … of test/apps, or any folder given by its absolute path. */
export async function copyApp(nameOrFolder: string): Promise<string> {
  const folder = join(await temporaryFolder(), 'app')
  const source = nameOrFolder.startsWith('/') ? nameOrFolder : join(top, 'test/apps', nameOrFolder)
  await cp(source, folder, { recursive: true })
  return folder
}

/** Changes to a published web.config; everything that is not named here stays as it is. */
export interface WebConfigEdit {
  /** Attributes of `<aspNetCore>`; undefined removes one. */
  readonly attributes?: Readonly<Record<string, string | undefined>>
  /** Replaces the environment variables. */
  readonly environment?: Readonly<Record<string, string>>
  readonly handlerSettings?: Readonly<Record<string, string>>
  /** XML put after `<aspNetCore>`, inside `<system.webServer>`. */
  readonly webServer?: string
  /** XML put behind everything else, inside `<configuration>`. */
  readonly locations?: string
}

/** Edits the web.config of an app's folder in place. */
export async function editWebConfig(folder: string, edit: WebConfigEdit): Promise<void> {
  const file = join(folder, 'web.config')
  // In one step: a daemon that looks meanwhile does not find it empty.
  writeFileSync(file, edited(await readFile(file, 'utf8'), edit))
}

function edited(text: string, edit: WebConfigEdit): string {
  const section = /<aspNetCore\b([^>]*?)(\/>|>[\s\S]*?<\/aspNetCore>)/.exec(text)
  if (section === null) throw new Error('this web.config has no <aspNetCore>')
  const written = Array.from((section[1] ?? '').matchAll(/(\w+)="([^"]*)"/g), ([, name, value]) => [name, value])
  const attributes: Record<string, string | undefined> = Object.fromEntries(written) as Record<string, string>
  for (const [name, value] of Object.entries(edit.attributes ?? {})) attributes[name] = value && escaped(value)
  const head = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${String(value)}"`)
  const children = [
    collection('environmentVariables', 'environmentVariable', edit.environment),
    collection('handlerSettings', 'handlerSetting', edit.handlerSettings),
  ]
  const replacement = `<aspNetCore${head.join('')}>${children.join('')}</aspNetCore>${edit.webServer ?? ''}`
  return text
    .replace(section[0], () => replacement)
    .replace(/<\/configuration>/, () => `${edit.locations ?? ''}</configuration>`)
}

function collection(name: string, element: string, entries: Readonly<Record<string, string>> | undefined): string {
  if (entries === undefined) return ''
  const items = Object.entries(entries).map(
    ([key, value]) => `<${element} name="${escaped(key)}" value="${escaped(value)}" />`,
  )
  return `<${name}>${items.join('')}</${name}>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** Makes an app's folder whose web.config runs `misbehave.mjs` with this fault and its arguments. */
export async function misbehavingApp(fault: string, edit: WebConfigEdit = {}): Promise<string> {
  const folder = await copyApp('misbehave')
  await copyFile(join(top, 'test/apps/node-twin/web.config'), join(folder, 'web.config'))
  await editWebConfig(folder, { ...edit, attributes: { arguments: `misbehave.mjs ${fault}`, ...edit.attributes } })
  return folder
}
