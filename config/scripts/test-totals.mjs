// Prints the totals of the latest `npm test`; the last line is `N passed, N failed[, N skipped]`.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './setup.mjs'
import { totalsOf } from './totals.mjs'

const [report, retried] = ['test-report.json', 'test-retried.json'].map((name) => join(top, '.cache', name))

if (existsSync(report)) {
  const list = existsSync(retried) ? readJson(retried) : []
  for (const line of totalsOf(readJson(report), list)) console.log(line)
} else {
  console.log('No test was run: see above.')
  console.log('0 passed, 1 failed')
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
