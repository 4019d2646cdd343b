import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadHostFileWith } from '../../../../src/config/host-file/load.ts'
import { problemLine } from '../../../../src/config/problems.ts'
import { Dice } from '../../../support/dice.ts'
import { createFolders } from '../folders.ts'
import { sections } from './read.ts'

const createFolder = createFolders()
const folders = ['../../../../config/samples/', '../../../config/host/good/', '../../../config/host/bad/']
const originals = folders.flatMap((folder) => {
  const path = fileURLToPath(new URL(folder, import.meta.url))
  return readdirSync(path)
    .filter((name) => name.endsWith('.config'))
    .map((name) => readFileSync(join(path, name)))
})
const fragments = [
  '<',
  '>',
  '"',
  '&',
  '<!--',
  '%',
  '%A%',
  '\0',
  '<site>',
  '</sites>',
  '<add',
  ':',
  '*',
  '[',
  '__proto__',
  '-1',
  'configSource="a"',
  '/',
]

function damage(original: Buffer, dice: Dice): Buffer {
  const at = dice.roll(original.length)
  const end = Math.min(original.length, at + dice.roll(200))
  const [before, after] = [original.subarray(0, at), original.subarray(at)]
  const other = dice.pick(originals)
  const from = dice.roll(other.length)
  const inserts = [
    Buffer.from([dice.roll(256)]),
    Buffer.from(dice.pick(fragments)),
    original.subarray(at, end),
    other.subarray(from, from + dice.roll(300)),
  ]
  switch (dice.roll(4)) {
    case 0:
      return Buffer.concat([before, original.subarray(end)])
    case 1:
      return Buffer.concat([
        before,
        dice.pick(inserts),
        original.subarray(Math.min(original.length, at + dice.roll(20))),
      ])
    default:
      return Buffer.concat([before, dice.pick(inserts), after])
  }
}

describe('a damaged host file', () => {
  test.each([1, 2, 3])('is loaded or refused with usable errors, and nothing is thrown (%i)', async (seed) => {
    const dice = new Dice(seed)
    const file = join(createFolder({}), 'ancmd.config')
    for (let i = 0; i < 200; i += 1) {
      const bytes = damage(damage(dice.pick(originals), dice), dice)
      writeFileSync(file, bytes)
      const { config, notices } = await loadHostFileWith(file, { environment: {}, sections })
      const problems = config.ok ? notices : config.failure
      const errors = problems.filter(({ level }) => level === 'error')
      const text = bytes.toString('latin1')
      expect(errors.length > 0, text).toBe(!config.ok)
      const lines = text.split(/\r\n|\r|\n/).length
      const isUsable = (problem: (typeof problems)[number]): boolean =>
        problem.line <= lines && problem.cure !== undefined && !/undefined|NaN/.test(problemLine(problem))
      expect(errors.filter((problem) => !isUsable(problem)).map(problemLine), text).toEqual([])
    }
  })
})
