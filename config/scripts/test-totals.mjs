// Prints one line, `N passed, N failed[, N skipped]`, from the report of the latest `npm test`.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './setup.mjs'

const file = join(top, '.cache/test-report.json')

if (existsSync(file)) {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  // A file that could not be loaded, or whose hooks failed, has no failed test of its own to count.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0)
  const failed = report.numFailedTests + broken
  // A run that came to nothing before its first test is a failure as well.
  const parts = [`${report.numPassedTests} passed`, `${failed === 0 && !report.success ? 1 : failed} failed`]
  if (skipped > 0) parts.push(`${skipped} skipped`)
  console.log(parts.join(', '))
} else {
  console.log('No test was run: see above.')
  console.log('0 passed, 1 failed')
}
