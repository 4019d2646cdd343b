import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadHostFileWith } from '../../src/config/host-file/load.ts'
import { type Problem, problemLine } from '../../src/config/problems.ts'
import { modules, sectionsOf } from '../../src/site/modules.ts'

// File in, model out; file in, every problem out, as golden.test.ts does it for web.config. The folder of the file appears as
// <folder>. Elements below system.webServer are shown by their names.

const here = fileURLToPath(new URL('host/', import.meta.url))
const environment = { SITES: '/srv/sites' }

function names(group: string): readonly string[] {
  const files = readdirSync(join(here, group)).filter((file) => file.endsWith('.config'))
  return files.map((file) => file.slice(0, -'.config'.length))
}

async function load(group: string, name: string) {
  const file = join(here, group, `${name}.config`)
  const { config, notices } = await loadHostFileWith(file, { environment, sections: sectionsOf(modules) })
  const problems: readonly Problem[] = config.ok ? notices : config.failure
  const lines = problems.map((problem) => problemLine(problem).replaceAll(join(here, group), '<folder>'))
  const shorten = (key: string, value: unknown): unknown => {
    // The place of a binding is no setting.
    if (key === 'bindings') return (value as { at?: unknown }[]).map(({ at: _at, ...settings }) => settings)
    if (key !== 'webServers') return value
    return (value as { children: { name: string }[] }[]).map(({ children }) => children.map((child) => child.name))
  }
  const model = JSON.stringify({ config: config.ok ? config.value : undefined, notices: lines }, shorten, 2)
  return { ok: config.ok, problems, lines, model: `${model.replaceAll(join(here, group), '<folder>')}\n` }
}

describe('a good host file becomes the model of', () => {
  test.each(names('good'))('%s', async (name) => {
    const loaded = await load('good', name)
    expect(loaded.lines.filter((line) => line.includes(': error: '))).toEqual([])
    expect(JSON.parse(loaded.model)).toEqual(JSON.parse(readFileSync(join(here, 'good', `${name}.json`), 'utf8')))
  })
})

describe('a bad host file gives every problem of', () => {
  test.each(names('bad'))('%s, each error with its place and its cure', async (name) => {
    const loaded = await load('bad', name)
    expect(loaded.ok).toBe(false)
    expect(loaded.lines.join('\n')).toBe(readFileSync(join(here, 'bad', `${name}.problems`), 'utf8').trimEnd())
    for (const { level, line, column, cure } of loaded.problems) {
      if (level !== 'error') continue
      expect(Math.min(line, column)).toBeGreaterThan(0)
      expect(cure).toMatch(/[.?]$/)
    }
  })
})
