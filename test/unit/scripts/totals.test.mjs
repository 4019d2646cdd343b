import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { totalsOf } from '../../../config/scripts/totals.mjs'

const top = fileURLToPath(new URL('../../../', import.meta.url))
const good = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 0, success: true, testResults: [] }

describe('the last line', () => {
  test('is what passed and what failed, and nothing else', () => {
    expect(totalsOf(good, [])).toEqual(['7 passed, 0 failed'])
    expect(totalsOf({ ...good, numFailedTests: 2, success: false }, [])).toEqual(['7 passed, 2 failed'])
  })

  test('has what was skipped or is still to be written, if any', () => {
    expect(totalsOf({ ...good, numPendingTests: 2, numTodoTests: 1 }, [])).toEqual(['7 passed, 0 failed, 3 skipped'])
  })

  test('counts a file that could not be loaded, and a run that came to nothing', () => {
    const broken = { status: 'failed', assertionResults: [] }
    expect(totalsOf({ ...good, success: false, testResults: [broken] }, [])).toEqual(['7 passed, 1 failed'])
    expect(totalsOf({ ...good, numPassedTests: 0, success: false }, [])).toEqual(['0 passed, 1 failed'])
  })

  test('comes behind one that counts and names what was tried again', () => {
    const again = ['a > one', 'b > two'].map((name) => ({ project: 'faults', name }))
    expect(totalsOf(good, again)).toEqual(['2 retried: faults > a > one; faults > b > two', '7 passed, 0 failed'])
  })
})

test('a test that is tried again is found in a real run; one that is not is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'retried-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(
    join(folder, 'some.test.ts'),
    `import { retried } from '${top}test/support/retried.ts'
     let tries = 0
     describe('group', () => {
       test('steady', retried('no need'), () => {})
       test('wavering', retried('the second try is good'), () => { tries += 1; expect(tries).toBe(2) })
       test('hopeless', retried('in vain'), () => { expect(1).toBe(2) })
       test('failing', () => { expect(1).toBe(2) })
     })`,
  )
  const list = join(folder, 'retried.json')
  const args = ['run', '--root', folder, '--globals', `--reporter=${top}config/scripts/retried-reporter.mjs`]
  const { status } = spawnSync(process.execPath, [`${top}node_modules/vitest/vitest.mjs`, ...args], {
    cwd: folder,
    env: { ...process.env, ANCM_TEST_RETRIED: list },
  })
  expect(status).toBe(1)
  const found = JSON.parse(readFileSync(list, 'utf8'))
  expect(found.map(({ name, state, tries }) => [name, state, tries])).toEqual([
    ['group > wavering', 'passed', 2],
    ['group > hopeless', 'failed', 2],
  ])
})
