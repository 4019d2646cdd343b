#!/usr/bin/env node
import { standardError, standardOutput } from './cli/bounded-stream.ts'
import { runCommandLine } from './cli/cli.ts'

const code = await runCommandLine(process.argv.slice(2))
await Promise.all([standardOutput.flush(1000), standardError.flush(1000)])
// The only place where the process is ended: everything else returns an exit code.
process.exit(code)
