#!/usr/bin/env node
// Must come before anything else is loaded: without a listener, Node opens its debugger when it gets this signal.
process.on('SIGUSR1', () => undefined)

const { keepEarlySignals } = await import('./cli/launch/early-signals.ts')
// Must come next: the kernel drops signals to process 1 that it does not listen for.
keepEarlySignals()
const { runAsInit } = await import('./cli/launch/init-process.ts')
const underInit = runAsInit()
if (underInit !== undefined) process.exit(await underInit)
const { startFailureSentence } = await import('./cli/launch/start-failure.ts')

let code: number
try {
  // Imported inside of `try`, so that a failure to load can be explained in a sentence.
  const { runCommandLine } = await import('./cli/cli.ts')
  const { standardError, standardOutput } = await import('./cli/streams/standard-streams.ts')
  code = await runCommandLine(process.argv.slice(2))
  await standardOutput.flush(1000)
  // What was asked for has not arrived. A daemon has not failed when the output of its applications cannot be written.
  if (code === 0 && standardOutput.failure !== undefined && process.argv[2] !== 'run') {
    standardError.writeLine(`ancmd: the output could not be written (${standardOutput.failure})\n`)
    code = 1
  }
  await standardError.flush(1000)
} catch (error) {
  const sentence = startFailureSentence(error)
  if (sentence === undefined) throw error
  process.stderr.write(`ancmd: ${sentence}\n`)
  code = 1
}
// Only this file ends the process; all other code returns an exit code.
process.exit(code)

export {}
