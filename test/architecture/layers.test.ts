import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  citationViolations,
  crowdViolations,
  cycleViolations,
  exportViolations,
  globalViolations,
  layerViolations,
  nameViolations,
  packageViolations,
  retryViolations,
  roomOf,
  type SourceFile,
  sizeViolations,
} from './rules.ts'

const top = fileURLToPath(new URL('../../', import.meta.url))

/** Files above 250 lines, each with the reason why it is one thing. */
const longFiles: Readonly<Record<string, string>> = {}

function read(folder: string, endings: readonly string[]): SourceFile[] {
  if (!existsSync(`${top}${folder}`)) return []
  return readdirSync(`${top}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((path) => !/\/(?:bin|obj|node_modules)\//.test(path))
    .map((path) => ({
      path: path.slice(`${top}${folder}/`.length).replaceAll('\\', '/'),
      text: readFileSync(path, 'utf8'),
    }))
}

const sources = read('src', ['.ts'])

describe('the source tree', () => {
  test('has files to look at', () => {
    expect(sources.length).toBeGreaterThan(10)
  })
  test('imports only from the own room or a lower rank', () => {
    expect(sources.flatMap(layerViolations)).toEqual([])
  })
  test('imports between folders one way only', () => {
    expect(cycleViolations(sources)).toEqual([])
  })
  test('has one thing for each exported name', () => {
    expect(nameViolations(sources)).toEqual([])
  })
  test('keeps twenty files in a folder at most', () => {
    expect(crowdViolations(sources)).toEqual([])
  })
  test('cites no document that its reader has not got', () => {
    const documents = new Set(['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'RESULTS.md'])
    const texts = [...read('src', ['.ts', '.md', '.cs']), ...read('config/scripts', ['.mjs'])]
    const tests = read('test', ['.ts', '.mjs', '.cs', '.md']).filter(({ path }) => !path.startsWith('architecture/'))
    expect([...texts, ...tests].flatMap((file) => citationViolations(file, documents))).toEqual([])
  })
  test('imports each package through its one door', () => {
    expect(sources.flatMap(packageViolations)).toEqual([])
  })
  test('takes environment, exit, clock and chance as arguments', () => {
    expect(sources.flatMap(globalViolations)).toEqual([])
  })
  test('has no default exports and no barrels', () => {
    expect(sources.flatMap(exportViolations)).toEqual([])
  })
  test('keeps every file within 250 lines', () => {
    expect(sources.flatMap((file) => sizeViolations(file, longFiles))).toEqual([])
    expect(read('test', ['.ts', '.mjs', '.cs']).flatMap((file) => sizeViolations(file, longFiles))).toEqual([])
    expect(read('config/scripts', ['.mjs']).flatMap((file) => sizeViolations(file, longFiles))).toEqual([])
  })
  test('lets no test be tried again without a reason', () => {
    const tests = read('test', ['.ts', '.mjs']).filter(({ path }) => !/^(?:apps|architecture)\//.test(path))
    expect(tests.flatMap(retryViolations)).toEqual([])
    expect(read('config/scripts', ['.mjs']).flatMap(retryViolations)).toEqual([])
  })
  test('describes every room in a README.md', () => {
    const rooms = new Set(sources.map((file) => roomOf(file.path)).filter((room) => room !== undefined))
    expect([...rooms].filter((room) => !existsSync(`${top}src/${room}/README.md`))).toEqual([])
  })
})

describe('the rules catch', () => {
  const offender = (path: string, text: string): SourceFile => ({ path, text })

  test.each([
    ['http/a.ts', "import { b } from '../site/b.ts'", 'http/a.ts may not import site/b.ts'],
    ['process/a.ts', "import type { B } from '../forward/b.ts'", 'process/a.ts may not import forward/b.ts'],
    ['site/gates/a.ts', "const b = await import('../../listen/b.ts')", 'site/gates/a.ts may not import listen/b.ts'],
    ['cli/a.ts', "import {\n  b,\n} from '../main.ts'", 'cli/a.ts may not import main.ts'],
    ['site/a.ts', "import { b } from './b.js'", 'site/a.ts: the import of ./b.js must end in .ts'],
    ['attic/a.ts', '', 'attic/a.ts: the room attic has no rank'],
  ])('a climb in %s', (path, text, complaint) => {
    expect(layerViolations(offender(path, text))).toEqual([complaint])
  })

  test.each([
    ['site/a.ts', "import { z } from 'zod'", 'site/a.ts: package zod must be imported only in platform/schema.ts'],
    ['site/a.ts', "import type { A } from '@some/thing/deep'", 'site/a.ts: package @some/thing has no door'],
  ])('a package by a side door in %s', (path, text, complaint) => {
    expect(packageViolations(offender(path, text))).toEqual([complaint])
  })

  test('the world outside in a deciding file', () => {
    const text = 'const a = process.env["A"] ?? Date.now()\n// Math.random is only spoken of\nprocess.exitCode = 1\n'
    expect(globalViolations(offender('site/a.ts', text))).toEqual([
      'site/a.ts may not use process.env',
      'site/a.ts may not use Date.now',
    ])
    expect(globalViolations(offender('cli/a.ts', text))).toEqual([])
  })

  test('a default export, a re-export and a long file', () => {
    expect(exportViolations(offender('site/a.ts', 'export default 1'))).toEqual(['site/a.ts may not export a default'])
    expect(exportViolations(offender('site/a.ts', "export { b } from './b.ts'"))).toHaveLength(1)
    expect(exportViolations(offender('index.ts', "export { b } from './site/b.ts'"))).toEqual([])
    expect(sizeViolations(offender('site/a.ts', '\n'.repeat(251)), {})).toHaveLength(1)
    expect(sizeViolations(offender('site/a.ts', '\n'.repeat(251)), { 'site/a.ts': 'one table' })).toEqual([])
  })

  test('folders that import each other, over a third too', () => {
    const ring = [
      offender('site/a.ts', "import { b } from './modules/b.ts'"),
      offender('site/modules/b.ts', "import { c } from '../../site/parts/c.ts'"),
      offender('site/parts/c.ts', "import type { D } from '../d.ts'"),
    ]
    expect(cycleViolations(ring)).toEqual([
      'site and site/modules import each other, by site/a.ts',
      'site/modules and site/parts import each other, by site/modules/b.ts',
      'site/parts and site import each other, by site/parts/c.ts',
    ])
    expect(cycleViolations(ring.slice(0, 2))).toEqual([])
  })

  test('a name exported twice, a crowded folder and a document that is elsewhere', () => {
    const twice = [offender('site/a.ts', 'export class A {}'), offender('http/b.ts', 'export interface A {}')]
    expect(nameViolations(twice)).toEqual(['A is exported by site/a.ts and by http/b.ts'])
    const crowd = Array.from({ length: 21 }, (_, i) => offender(`site/${String(i)}.ts`, ''))
    expect(crowdViolations(crowd)).toEqual(['site has 21 files: give its parts folders of their own'])
    expect(crowdViolations(crowd.slice(1))).toEqual([])
    const citing = offender(
      'site/a.ts',
      '// see plans.md, README.md and the-plan 1.2, of RFC 9110 5.6 and .NET 8.0\nlet a',
    )
    expect(citationViolations(citing, new Set(['README.md']))).toEqual([
      'site/a.ts names plans.md, which is not in this repository',
      'site/a.ts names the-plan 1.2, which is not in this repository',
    ])
  })

  test('a second try without a reason', () => {
    for (const text of ["test('a', { retry: 1 }, run)", 'retry = 1', "args.push('--retry', '1')"]) {
      expect(retryViolations(offender('faults/a.test.ts', text))).toHaveLength(1)
    }
    expect(retryViolations(offender('faults/a.test.ts', "test('a', retried('why'), run) // no retry: 1"))).toEqual([])
  })

  test('nothing in a tidy file', () => {
    const tidy = offender(
      'site/a.ts',
      "import { x } from '../http/x.ts'\nimport { y } from './y.ts'\nimport 'node:net'\n",
    )
    expect(
      [layerViolations, packageViolations, globalViolations, exportViolations].flatMap((rule) => rule(tidy)),
    ).toEqual([])
  })
})
