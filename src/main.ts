#!/usr/bin/env node
// Before anything else is loaded: without a listener Node answers this signal by opening its debugger to the machine.
process.on('SIGUSR1', () => undefined)

const { keepEarlySignals } = await import('./cli/early-signals.ts')
// Next, as an init process loses the signals that it does not listen for.
keepEarlySignals()
const { runAsInit } = await import('./cli/init-process.ts')
const underInit = runAsInit()
if (underInit !== undefined) process.exit(await underInit)
const { startFailureSentence } = await import('./cli/start-failure.ts')

let code: number
try {
  // Loaded late, so that what keeps them from loading can be told in a sentence.
  const { runCommandLine } = await import('./cli/cli.ts')
  const { standardError, standardOutput } = await import('./cli/standard-streams.ts')
  code = await runCommandLine(process.argv.slice(2))
  await Promise.all([standardOutput.flush(1000), standardError.flush(1000)])
} catch (error) {
  const sentence = startFailureSentence(error)
  if (sentence === undefined) throw error
  process.stderr.write(`ancmd: ${sentence}\n`)
  code = 1
}
// The process is ended in this file only: everything else returns an exit code.
process.exit(code)

export {}
