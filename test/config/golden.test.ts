import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { Environment } from '../../src/config/expand.ts'
import { type Problem, problemLine } from '../../src/config/problems.ts'
import { loadWebConfig } from '../../src/config/web-config/web-config.ts'
import { modules, sectionsOf } from '../../src/site/modules.ts'

const sections = sectionsOf(modules)

// File in, model out; file in, every problem out. Each NAME.config is read as the web.config of a folder of its own, under the
// environment below or that of NAME.environment.json; the folder appears as <app> in what comes out.

const here = fileURLToPath(new URL('.', import.meta.url))
const folders: string[] = []
const environment: Environment = { HOME: '/home/shop', JAVA_HOME: '/opt/java', ASPNETCORE_PORT: '5000' }

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function names(group: string): readonly string[] {
  const files = readdirSync(join(here, group)).filter((file) => file.endsWith('.config'))
  return files.map((file) => file.slice(0, -'.config'.length))
}

async function load(
  group: string,
  name: string,
): Promise<{ ok: boolean; model: string; problems: readonly Problem[]; lines: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ancmd-golden-'))
  folders.push(folder)
  copyFileSync(join(here, group, `${name}.config`), join(folder, 'web.config'))
  const own = join(here, group, `${name}.environment.json`)
  const given = existsSync(own) ? (JSON.parse(readFileSync(own, 'utf8')) as Environment) : environment
  const loaded = await loadWebConfig({
    physicalPath: folder,
    virtualPath: '/',
    parents: [],
    environment: given,
    sections,
  })
  const problems = loaded.ok ? loaded.value.notices : loaded.failure
  const lines = problems.map((problem) => `${problemLine(problem)}\n`.replaceAll(folder, '<app>'))
  const model = loaded.ok ? { ...loaded.value, notices: lines.map((line) => line.trimEnd()) } : {}
  return {
    ok: loaded.ok,
    model: `${JSON.stringify(model, null, 2)}\n`.replaceAll(folder, '<app>'),
    problems,
    lines: lines.join(''),
  }
}

describe('a good web.config becomes the model of', () => {
  test.each(names('good'))('%s', async (name) => {
    const loaded = await load('good', name)
    expect(loaded.lines.split('\n').filter((line) => line.includes(': error: '))).toEqual([])
    expect(JSON.parse(loaded.model)).toEqual(JSON.parse(readFileSync(join(here, 'good', `${name}.json`), 'utf8')))
  })
})

describe('a bad web.config gives every problem of', () => {
  test.each(names('bad'))('%s', async (name) => {
    const loaded = await load('bad', name)
    expect(loaded.ok).toBe(false)
    expect(loaded.lines).toBe(readFileSync(join(here, 'bad', `${name}.problems`), 'utf8'))
  })

  test.each(names('bad'))('%s, each error with its place and its cure', async (name) => {
    const errors = (await load('bad', name)).problems.filter(({ level }) => level === 'error')
    expect(errors).not.toEqual([])
    for (const { line, column, cure } of errors) {
      expect(line).toBeGreaterThan(0)
      expect(column).toBeGreaterThan(0)
      expect(cure).toMatch(/[.?]$/)
    }
  })
})

test('each golden answer belongs to a configuration file', () => {
  for (const group of ['good', 'bad']) {
    const known = names(group)
    const answers = readdirSync(join(here, group)).filter((file) => /\.(?:json|problems)$/.test(file))
    expect(
      answers
        .map((file) => file.replace(/(?:\.environment)?\.(?:json|problems)$/, ''))
        .filter((name) => !known.includes(name)),
    ).toEqual([])
  }
})
