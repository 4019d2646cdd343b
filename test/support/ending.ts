import { afterAll, onTestFinished, TestRunner } from 'vitest'

const afterThisFile: (() => Promise<void> | void)[] = []

afterAll(async () => {
  const failures: unknown[] = []
  for (const cleanUp of afterThisFile.splice(0).reverse()) {
    try {
      await cleanUp()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'))
})

/**
 * Calls `cleanUp` when the current test is over; from a hook, after the last test of the file. The function that was
 * added last is called first.
 */
export function atTheEnd(cleanUp: () => Promise<void> | void): void {
  if (TestRunner.getCurrentTest() === undefined) afterThisFile.push(cleanUp)
  else onTestFinished(cleanUp)
}
