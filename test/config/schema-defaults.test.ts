import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { webServerShape } from '../../src/config/schema/config-schemas.ts'
import { loadWebConfig } from '../../src/config/web-config/web-config.ts'
import type { Kind } from '../../src/platform/schema.ts'
import { modules, sectionsOf } from '../../src/site/modules.ts'
import { requiredOf, usesOf } from './schema-cases.ts'

const sections = sectionsOf(modules)
const physicalPath = mkdtempSync(join(tmpdir(), 'ancmd-defaults-'))
afterAll(() => {
  rmSync(physicalPath, { recursive: true })
})

/** What the daemon would do by this web.config, without the places of its parts. */
async function settingsBy(text: string): Promise<unknown> {
  writeFileSync(join(physicalPath, 'web.config'), text)
  const loaded = await loadWebConfig({ physicalPath, virtualPath: '/', parents: [], environment: {}, sections })
  if (!loaded.ok) return loaded.failure.map(({ text: problem }) => problem)
  return { process: loaded.value.process, handlers: loaded.value.handlers, sections: loaded.value.sections }
}

function around(inner: string): string {
  const isProcess = /^\s*<(?:aspNetCore|httpPlatform)\b/.test(inner)
  const command = isProcess ? '' : '<aspNetCore processPath="x" />'
  return `<configuration><system.webServer>${inner}${command}</system.webServer></configuration>`
}

const attributes = Object.entries(webServerShape(sections, (_, shape) => shape).children ?? {})
  .flatMap(([name, shape]) => usesOf(shape, [name], around))
  .flatMap((use) => Object.keys(use.shape.defaults ?? {}).map((name) => [use.path.join('/'), name, use] as const))

test.each(attributes)('%s %s: writing the default out changes nothing', async (_, name, { shape, write }) => {
  const required = requiredOf(shape)
  const written = (shape.kinds[name] as Kind<unknown>).text(shape.defaults?.[name])
  const { [name]: _own, ...others } = required
  expect(await settingsBy(write({ ...others, [name]: written }))).toEqual(await settingsBy(write(others)))
})
