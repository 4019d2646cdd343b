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

/** Runs when the test that asked is over, or, asked for in a hook, after the last test of the file. Last come, first served. */
export function atTheEnd(cleanUp: () => Promise<void> | void): void {
  if (TestRunner.getCurrentTest() === undefined) afterThisFile.push(cleanUp)
  else onTestFinished(cleanUp)
}
