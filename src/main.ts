#!/usr/bin/env node
import { keepEarlySignals } from './cli/early-signals.ts'
import { runAsInit } from './cli/init-process.ts'
import { startFailureSentence } from './cli/start-failure.ts'

// Before everything else is loaded: an init process loses the signals that it does not listen for.
keepEarlySignals()
// Without a listener Node answers this signal by opening its debugger to the machine.
process.on('SIGUSR1', () => undefined)
const underInit = runAsInit()
if (underInit !== undefined) process.exit(await underInit)
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
// The only place where the process is ended: everything else returns an exit code.
process.exit(code)
