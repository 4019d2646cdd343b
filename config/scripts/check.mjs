// `npm run check`: what takes less than a minute. Format, lint with types, and the unit and architecture tests, side by
// side. The lint is on the native TypeScript compiler, which also reports every error of the types.
import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { setUp, top } from './setup.mjs'

setUp()

const lint = ['node_modules/oxlint/bin/oxlint', '--config', 'config/oxlint.json', '--type-aware', '--type-check']
// TypeScript alone: test apps and scripts are plain JavaScript.
for (const pattern of ['**/*.mjs', '**/*.js', 'test/apps']) lint.push('--ignore-pattern', pattern)

const steps = [
  ['format', ['node_modules/@biomejs/biome/bin/biome', 'format', '--config-path', 'config', 'config', 'src', 'test']],
  ['lint and types', [...lint, 'src', 'test']],
]

const tests = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.mjs', '--project', 'unit']
// Many of them wait for a process, also on two cores.
process.env.ANCMD_TEST_WORKERS = '4'

const ended = await Promise.all([...steps.map(([name, args]) => step(name, args)), step('unit tests', tests)])
const failed = ended.filter((name) => name !== undefined)
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`)
  process.exit(1)
}

/** Runs one step quietly; its output is shown when it fails. Resolves with its name then. */
function step(name, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: top, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.on('close', (code) => {
      // The last lines of the tests count them.
      const summary = /^\s*Tests .*$/m.exec(stripVTControlCharacters(output))?.[0].trim()
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}${summary === undefined ? '' : `: ${summary}`}`)
      if (code !== 0) console.log(output)
      resolve(code === 0 ? undefined : name)
    })
  })
}
