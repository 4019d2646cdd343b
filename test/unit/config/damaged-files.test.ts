import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Problem, problemLine } from '../../../src/config/problems.ts'
import { loadWebConfig } from '../../../src/config/web-config/web-config.ts'
import { modules, sectionsOf } from '../../../src/site/modules.ts'
import { createFolders } from './folders.ts'

const sections = sectionsOf(modules)

const folder = createFolders()
const golden = fileURLToPath(new URL('../../config/', import.meta.url))
const originals = ['good', 'bad'].flatMap((group) => {
  const files = readdirSync(join(golden, group)).filter((file) => file.endsWith('.config'))
  return files.map((file) => readFileSync(join(golden, group, file))).filter(({ length }) => length > 0)
})

/** Numbers that look random and are the same in every run (mulberry32). */
function createDice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const fragments = [
  '<',
  '>',
  '"',
  '&',
  '&amp;',
  '<!--',
  '-->',
  '<![CDATA[',
  '<!DOCTYPE x [',
  '%',
  '%HOME%',
  '\0',
  '😀',
  '<a>',
  '</a>',
  '__proto__',
  '-1',
]

function damage(original: Buffer, dice: (below: number) => number): Buffer {
  const at = dice(original.length)
  const end = Math.min(original.length, at + dice(200))
  const [before, after] = [original.subarray(0, at), original.subarray(at)]
  switch (dice(6)) {
    case 0:
      return before
    case 1:
      return Buffer.concat([before, Buffer.from([dice(256)]), original.subarray(at + 1)])
    case 2:
      return Buffer.concat([before, Buffer.from(fragments[dice(fragments.length)] ?? ''), after])
    case 3:
      return Buffer.concat([before, original.subarray(end)])
    case 4:
      return Buffer.concat([original.subarray(0, end), after])
    default:
      return Buffer.concat([before, (originals[dice(originals.length)] as Buffer).subarray(0, dice(300)), after])
  }
}

function isUsable(problem: Problem, lines: number): boolean {
  return (
    problem.line <= lines &&
    problem.column >= 0 &&
    problem.cure !== undefined &&
    !/undefined|NaN/.test(problemLine(problem))
  )
}

describe('a damaged web.config', () => {
  test.each([1, 2, 3, 4])('is loaded or refused with usable errors, and nothing is thrown (%i)', async (seed) => {
    const dice = createDice(seed)
    const app = folder({})
    for (let i = 0; i < 300; i += 1) {
      const bytes = damage(damage(originals[dice(originals.length)] as Buffer, dice), dice)
      writeFileSync(join(app, 'web.config'), bytes)
      const loaded = await loadWebConfig({
        physicalPath: app,
        virtualPath: '/',
        parents: [],
        environment: {},
        sections,
      })
      if (loaded.ok) continue
      const errors = loaded.failure.filter(({ level }) => level === 'error')
      const lines = bytes.toString('latin1').split(/\r\n|\r|\n/).length
      expect(errors, bytes.toString('latin1')).not.toEqual([])
      expect(errors.filter((problem) => !isUsable(problem, lines))).toEqual([])
    }
  })
})
