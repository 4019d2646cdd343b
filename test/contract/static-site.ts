import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HandlerConfig } from '../../src/config/model.ts'
import { Problems } from '../../src/config/problems.ts'
import { readHandlers } from '../../src/config/sections/handlers.ts'
import { SourceText } from '../../src/config/source-text.ts'
import { parseXml } from '../../src/config/xml/xml.ts'
import { stepsOf } from '../../src/site/compose-modules.ts'
import { compression, compressionSchemes } from '../../src/site/modules/compression/compression.ts'
import { defaultDocument } from '../../src/site/modules/handlers/default-document.ts'
import { handlerMapping } from '../../src/site/modules/handlers/handler-mapping.ts'
import { staticContent } from '../../src/site/modules/handlers/static-content.ts'
import type { ApplicationFacts, Module, ModuleSteps } from '../../src/site/modules/module.ts'
import { rewrite } from '../../src/site/modules/rewrite/rewrite.ts'
import { readSection } from '../unit/site/modules/section.ts'
import { say } from './open-site.ts'

export const text = 'console.log("hello")\n'.repeat(300)
const day = new Date('2026-03-01T12:00:00Z')

/** A publish folder with files of all kinds; gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ancmd-static-'))
  onTestFinished(() => {
    rmSync(path, { recursive: true })
  })
  mkdirSync(join(path, 'wwwroot/docs'), { recursive: true })
  mkdirSync(join(path, 'empty'))
  for (const name of ['a.js', 'wwwroot/a.js', 'wwwroot/docs/index.html']) {
    writeFileSync(join(path, name), text)
    utimesSync(join(path, name), day, day)
  }
  for (const name of [
    'App.dll',
    'app.deps.json',
    'App.runtimeconfig.json',
    'web.config',
    'appsettings.Production.json',
  ])
    writeFileSync(join(path, name), '{ "secret": 1 }')
  writeFileSync(join(path, 'README'), 'x')
  writeFileSync(join(path, 'a.unknown'), 'x')
  writeFileSync(join(path, '.env'), 'SECRET=1')
  symlinkSync('/etc', join(path, 'outside'))
  symlinkSync('/etc/hosts', join(path, 'hosts.txt'))
  symlinkSync('appsettings.Production.json', join(path, 'innocent.json'))
  symlinkSync('a.js', join(path, 'link.js'))
  return path
}

export const ours = '<add name="app" path="*" verb="*" modules="AspNetCoreModuleV2" />'
export const files = (attributes: string, modules = 'StaticFileModule'): string =>
  `<add name="files" verb="*" modules="${modules}" ${attributes} />`

function handlersOf(xml: string): readonly HandlerConfig[] {
  const parsed = parseXml(new SourceText('web.config', `<handlers>${xml}</handlers>`))
  if (!parsed.ok) throw new Error('no XML')
  return readHandlers([parsed.value], new Problems()).map(({ config }) => config)
}

const sectionModules: readonly Module[] = [
  rewrite,
  handlerMapping,
  staticContent,
  defaultDocument,
  compression,
  compressionSchemes,
]

/** The steps of a site whose web.config has these handlers, and these sections. */
export function steps(
  handlers: string,
  sections: readonly string[] = [],
  physicalPath = folder(),
): readonly ModuleSteps[] {
  const settings: Record<string, unknown> = {}
  for (const module of sectionModules) {
    const { section } = module
    const own = sections.filter((xml) => xml.startsWith(`<${String(section?.section)}`))
    if (section !== undefined && own.length > 0) settings[section.section] = readSection(module, ...own).settings
  }
  const facts = { path: '/', physicalPath, id: 'MACHINE/WEBROOT/APPHOST/A' } as Omit<
    ApplicationFacts,
    'handlers' | 'sections'
  >
  return stepsOf(sectionModules, { sections: settings, handlers: handlersOf(handlers) }, facts)
}

export const app = say('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\napp')
export const get = (path: string, fields = '', method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: h\r\n${fields}\r\n`
export const everything = files('path="*"', 'StaticFileModule,DefaultDocumentModule,DirectoryListingModule')
