import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach } from 'vitest'

/** Makes folders with the given files, by relative path; they are removed after each test. */
export function createFolders(): (files: Readonly<Record<string, string | Uint8Array>>) => string {
  const made: string[] = []
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true })
  })
  return (files) => {
    const folder = mkdtempSync(join(tmpdir(), 'ancmd-config-'))
    made.push(folder)
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    }
    return folder
  }
}

/** A web.config whose `<system.webServer>` holds the given elements, a handler among them unless there is one. */
export function webConfig(inside: string, around: (webServer: string) => string = (webServer) => webServer): string {
  const handlers = inside.includes('<handlers') ? '' : aspNetCoreHandler
  return `<configuration>${around(`<system.webServer>${handlers}${inside}</system.webServer>`)}</configuration>`
}

export const aspNetCoreHandler =
  '<handlers><add name="aspNetCore" path="*" verb="*" modules="AspNetCoreModuleV2" /></handlers>'
