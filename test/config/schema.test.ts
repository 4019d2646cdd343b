import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostRules, loadHostFileWith } from '../../src/config/host-file/load.ts'
import { ownSectionRules } from '../../src/config/host-file/own-section.ts'
import type { Problem } from '../../src/config/problems.ts'
import { configSchemas, webServerShape } from '../../src/config/schema/config-schemas.ts'
import { unhonouredSections } from '../../src/config/sections/unhonoured-sections.ts'
import { locationShape } from '../../src/config/web-config/location.ts'
import { loadWebConfig } from '../../src/config/web-config/web-config.ts'
import { modules, sectionsOf } from '../../src/site/modules.ts'
import { hasProgram, program } from '../support/programs.ts'
import { badValues, examplesOf, goodValue, neededContents, requiredOf, type ShapeUse, usesOf } from './schema-cases.ts'

const top = fileURLToPath(new URL('../..', import.meta.url))
const readers = sectionsOf(modules)
const schemas = configSchemas(readers)
const folder = mkdtempSync(join(tmpdir(), 'ancmd-schema-'))

beforeAll(() => {
  for (const [name, text] of Object.entries(schemas)) writeFileSync(join(folder, name), text)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test.each(Object.keys(schemas))('%s in config/schema is what the tables say (npm run schema writes it)', (name) => {
  expect(readFileSync(join(top, 'config/schema', name), 'utf8')).toBe(schemas[name])
})

/** What is wrong with each of the files by the schema; an empty text for a file that validates. */
async function validate(schema: string, files: readonly string[]): Promise<readonly string[]> {
  const args = ['--nonet', '--noout', '--schema', join(folder, schema), ...files]
  const output = await new Promise<string>((resolve) => {
    execFile(program('xmllint'), args, { maxBuffer: 1e9 }, (_error, _stdout, stderr) => {
      resolve(stderr)
    })
  })
  const lines = output.split('\n')
  return files.map((file) => {
    if (lines.includes(`${file} validates`)) return ''
    const about = lines.filter((line) => line.startsWith(`${file}:`)).map((line) => line.slice(file.length))
    return about.length > 0 ? about.join('\n') : `no verdict:\n${output.slice(0, 2000)}`
  })
}

function filesIn(path: string, ending: RegExp): readonly string[] {
  return readdirSync(join(top, path))
    .filter((name) => ending.test(name))
    .map((name) => `${path}/${name}`)
}

/** Files that load, and what the schema has against them. */
const odd: Readonly<Record<string, RegExp>> = {
  // Its elements are in a namespace, which files of .NET Framework 2.0 had.
  'test/config/good/attributes-for-every-element.config': /NetConfiguration\/v2\.0/,
  // Warnings of the loader.
  'test/config/good/comments-cdata-and-stray-text.config': /Character content/,
  'test/config/good/sections-not-honoured.config': /'teapot': This element is not expected/,
  // Read as what they are, not as what they say that they are.
  'test/config/good/declared-utf-16-but-is-not.config': /labelled UTF-16/,
}

describe.skipIf(!hasProgram('xmllint'))('every configuration file of this repository', () => {
  const webConfigs = [
    ...filesIn('test/config/good', /\.config$/),
    'config/sample/web.config',
    'config/debian/welcome/web.config',
    'test/apps/plain/web.config',
    'test/apps/node-twin/web.config',
  ]
  const hostFiles = [
    ...filesIn('test/config/host/good', /\.config$/),
    ...filesIn('config/samples', /\.config$/),
    'config/debian/ancmd.config',
  ]

  test('is valid where it is an example of the README', async () => {
    const examples = examplesOf(readFileSync(join(top, 'README.md'), 'utf8'))
    expect(examples.map(({ schema }) => schema).toSorted()).toEqual(['ancmd.config.xsd', 'web.config.xsd'])
    for (const { schema, text } of examples) expect(await validate(schema, [fresh(text, 'example').file])).toEqual([''])
  })

  test.each([
    ['web.config.xsd', webConfigs],
    ['ancmd.config.xsd', hostFiles],
  ])('is valid by %s', async (schema, files) => {
    const found = await validate(
      schema,
      files.map((file) => join(top, file)),
    )
    for (const [i, file] of files.entries()) expect(found[i], file).toMatch(odd[file] ?? /^$/)
  })
})

interface Kept {
  readonly use: ShapeUse
  readonly schema: string
  /** What the loader says is wrong on the line of the element under test. */
  errors(text: string): Promise<readonly string[]>
}

function fresh(text: string, name: string): { readonly folder: string; readonly file: string } {
  const own = mkdtempSync(join(folder, 'case-'))
  writeFileSync(join(own, name), text)
  return { folder: own, file: join(own, name) }
}

function errorsOnLine2(problems: readonly Problem[], file: string): readonly string[] {
  return problems
    .filter((problem) => problem.level === 'error' && problem.line === 2 && problem.file === file)
    .map(({ text }) => text)
}

async function webConfigErrors(text: string): Promise<readonly string[]> {
  const { folder: physicalPath, file } = fresh(text, 'web.config')
  const loaded = await loadWebConfig({
    physicalPath,
    virtualPath: '/',
    parents: [],
    environment: {},
    sections: readers,
  })
  return errorsOnLine2(loaded.ok ? loaded.value.notices : loaded.failure, file)
}

async function hostFileErrors(text: string): Promise<readonly string[]> {
  const { file } = fresh(text, 'ancmd.config')
  const { config } = await loadHostFileWith(file, { environment: {}, sections: readers })
  return errorsOnLine2(config.ok ? [] : config.failure, file)
}

/** `<aspNetCore>` stands in every file besides `<httpPlatform>`, because without it the application cannot be hosted. */
function aroundSection(inner: string): string {
  const isProcess = /^\s*<(?:aspNetCore|httpPlatform)\b/.test(inner)
  const command = isProcess ? '' : '\n<aspNetCore processPath="x" />'
  return `<configuration><system.webServer>${inner}${command}</system.webServer></configuration>`
}

const uses: readonly Kept[] = [
  ...Object.entries(webServerShape(readers, (_, shape) => shape).children ?? {})
    .filter(([name]) => !Object.hasOwn(unhonouredSections, name))
    .flatMap(([name, shape]) => usesOf(shape, [name], aroundSection))
    .map((use) => ({ use, schema: 'web.config.xsd', errors: webConfigErrors })),
  ...[{ path: ['location'], shape: locationShape }].map(({ path, shape }) => ({
    use: usesOf(shape as never, path, (inner) => `<configuration>${inner}</configuration>`)[0] as ShapeUse,
    schema: 'web.config.xsd',
    errors: webConfigErrors,
  })),
  ...usesOf(hostRules, ['system.applicationHost'], (inner) => `<configuration>${inner}</configuration>`)
    .concat(usesOf(ownSectionRules, ['ancmd'], (inner) => `<configuration>${inner}</configuration>`))
    .map((use) => ({ use, schema: 'ancmd.config.xsd', errors: hostFileErrors })),
]

interface Case {
  readonly what: string
  readonly text: string
  readonly isGood: boolean
}

function casesOf({ use: { shape, path, write: writeWith } }: Kept): readonly Case[] {
  const write = (attributes: Readonly<Record<string, string>>): string => {
    return writeWith(attributes, neededContents[path.at(-1) ?? ''])
  }
  const required = requiredOf(shape)
  const attributes = Object.entries(shape.kinds).flatMap(([name, kind]): readonly Case[] => [
    { what: name, text: write({ ...required, [name]: goodValue(name, kind) }), isGood: true },
    ...badValues(kind).map((bad) => ({
      what: `${name}="${bad}"`,
      text: write({ ...required, [name]: bad }),
      isGood: false,
    })),
  ])
  const missing = (shape.required ?? []).map((name): Case => {
    const others = Object.fromEntries(Object.entries(required).filter(([other]) => other !== name))
    return { what: `no ${name}`, text: write(others), isGood: false }
  })
  return [
    { what: 'no attribute but those that must be there', text: write(required), isGood: true },
    { what: 'an attribute that there is not', text: write({ ...required, teapot: '' }), isGood: false },
    ...attributes,
    ...missing,
  ]
}

describe.skipIf(!hasProgram('xmllint'))('the loader and the schema agree on every attribute of', () => {
  test.each(uses.map((kept) => [kept.use.path.join('/'), kept] as const))('%s', async (_, kept) => {
    const cases = casesOf(kept)
    const found = await validate(
      kept.schema,
      cases.map(({ text }) => fresh(text, 'case.config').file),
    )
    for (const [i, { what, text, isGood }] of cases.entries()) {
      const errors = await kept.errors(text)
      expect({ what, refusedByLoader: errors.length > 0, errors: isGood ? errors : [] }).toEqual({
        what,
        refusedByLoader: !isGood,
        errors: [],
      })
      if (isGood) expect(found[i], text).toBe('')
      else expect(found[i], text).toMatch(/^:2: .*Schemas validity error/)
    }
  })

  test('a child that there is not', async () => {
    // A <location> may hold sections of .NET Framework; an unknown section of <security> is a warning.
    const closed = uses.filter(({ use }) => !['location', 'security'].includes(use.path.join('/')))
    for (const schema of Object.keys(schemas)) {
      const here = closed.filter((kept) => kept.schema === schema)
      const texts = here.map(({ use }) => use.write(requiredOf(use.shape), '<teapot />'))
      const found = await validate(
        schema,
        texts.map((text) => fresh(text, 'case.config').file),
      )
      for (const [i, { use, errors }] of here.entries()) {
        expect(found[i], use.path.join('/')).toMatch(
          /'teapot': This element is not expected|Element content is not allowed/,
        )
        expect(await errors(texts[i] as string), use.path.join('/')).not.toEqual([])
      }
    }
  })
})

test('a default is a value that may be written, and means itself', () => {
  let defaults = 0
  for (const { use } of uses) {
    for (const [name, value] of Object.entries(use.shape.defaults ?? {})) {
      const kind = use.shape.kinds[name]
      expect(kind?.read(kind.text(value)), `${use.path.join('/')} ${name}`).toEqual({ ok: true, value })
      defaults += 1
    }
  }
  expect(defaults).toBeGreaterThan(15)
})

test('no section is said not to be honoured that a module honours', () => {
  const honoured = readers.map(({ section }) => section)
  expect(Object.keys(unhonouredSections).filter((section) => honoured.includes(section))).toEqual([])
})
