// The totals of a run, from the JSON report of vitest and from the list of what was tried again.

/**
 * One or two lines. The last is `N passed, N failed[, N skipped]` and nothing else, because machines read it; tests that were
 * tried again are counted and named in the line before.
 */
export function totalsOf(report, retried) {
  // A file that could not be loaded, or whose hooks failed, has no failed test of its own to count.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0)
  const failed = report.numFailedTests + broken
  // A run that came to nothing before its first test is a failure as well.
  const parts = [`${report.numPassedTests} passed`, `${failed === 0 && !report.success ? 1 : failed} failed`]
  if (skipped > 0) parts.push(`${skipped} skipped`)
  const again = retried.map(({ project, name }) => `${project} > ${name}`.replaceAll(/\s+/g, ' '))
  return [...(again.length > 0 ? [`${again.length} retried: ${again.join('; ')}`] : []), parts.join(', ')]
}
