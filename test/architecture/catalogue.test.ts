import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { namedTestsIn, scenariosIn } from './catalogue.ts'

const acceptance = fileURLToPath(new URL('../acceptance/', import.meta.url))
const scenarios = scenariosIn(readFileSync(`${acceptance}README.md`, 'utf8'))
const tests = readdirSync(acceptance)
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => namedTestsIn(file.slice(0, -'.test.ts'.length), readFileSync(acceptance + file, 'utf8')))

/** `name in file: sentence`, without what marks code in markdown. */
function line(name: string, file: string, sentence: string): string {
  return `${name} in ${file}: ${sentence.replaceAll('`', '')}`
}

describe('the list of scenarios', () => {
  test('has them, each once, with a test or a reason', () => {
    expect(scenarios.length).toBeGreaterThan(150)
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length)
    expect(scenarios.filter(({ tests, reason }) => tests.length === 0 && reason === undefined)).toEqual([])
  })

  test('names every test whose title has a name, and no other', () => {
    const listed = scenarios.flatMap(({ name, tests }) => tests.map(({ file, sentence }) => line(name, file, sentence)))
    const written = tests.flatMap(({ file, names, sentence }) => names.map((name) => line(name, file, sentence)))
    expect(written.length).toBeGreaterThan(100)
    expect([...new Set(listed)].sort()).toEqual([...new Set(written)].sort())
  })
})

describe('the reading of it', () => {
  test('finds names in every form of a title', () => {
    const source = `
      test('a-b: plain', () => {})
      test.each(['x'])("c-d, e-f: it's %s", () => {})
      test.skipIf(!runs)(
        \`g-h: .\\\\App\`,
        async () => {},
      )
      test('no name at all: nothing', () => {})`
    expect(namedTestsIn('file', source)).toEqual([
      { file: 'file', names: ['a-b'], sentence: 'plain' },
      { file: 'file', names: ['c-d', 'e-f'], sentence: "it's %s" },
      { file: 'file', names: ['g-h'], sentence: '.\\App' },
    ])
  })

  test('finds scenarios with tests, with a reason, with both', () => {
    const markdown =
      '## 1\n\n- `a-b`\n  - file: one `two`\n- `c-d`: a reason\n  in two lines.\n- `e-f`: both\n  - g: h\n\n## 2\n'
    expect(scenariosIn(markdown)).toEqual([
      { name: 'a-b', reason: undefined, tests: [{ file: 'file', sentence: 'one two' }] },
      { name: 'c-d', reason: 'a reason\n  in two lines.', tests: [] },
      { name: 'e-f', reason: 'both', tests: [{ file: 'g', sentence: 'h' }] },
    ])
  })
})
