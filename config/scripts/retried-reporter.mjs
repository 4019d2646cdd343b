// A reporter of vitest: writes the names of the tests that were tried again, which its JSON report does not tell.
import { writeFileSync } from 'node:fs'

export default class RetriedReporter {
  #retried = []

  onTestCaseResult(test) {
    const { retryCount = 0 } = test.diagnostic() ?? {}
    if (retryCount === 0) return
    const { state } = test.result()
    this.#retried.push({ project: test.project.name, name: test.fullName, state, tries: retryCount + 1 })
  }

  onTestRunEnd() {
    const { ANCM_TEST_RETRIED: file } = process.env
    if (file !== undefined) writeFileSync(file, JSON.stringify(this.#retried))
  }
}
