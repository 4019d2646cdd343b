#!/usr/bin/env node
// Before anything else is loaded: without a listener Node answers this signal by opening its debugger to the machine.
process.on('SIGUSR1', () => undefined)

const { runCommandLine } = await import('./cli/cli.ts')
const { standardError, standardOutput } = await import('./cli/standard-streams.ts')

const code = await runCommandLine(process.argv.slice(2))
await Promise.all([standardOutput.flush(1000), standardError.flush(1000)])
// The only place where the process is ended: everything else returns an exit code.
process.exit(code)

export {}
