// `npm test`: sets the checkout up, publishes the .NET apps, and runs every test. Arguments go to vitest.
//
// With CI=true a missing .NET SDK is a failure; elsewhere the tests that need one are reported as skipped.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installKerberos } from './kerberos.mjs'
import { run, setUp, top } from './setup.mjs'
import { buildStartupHooks } from './startup-hooks.mjs'
import { installTestPrograms } from './test-programs.mjs'

const report = join(top, '.cache/test-report.json')
const retried = join(top, '.cache/test-retried.json')
for (const file of [report, retried]) rmSync(file, { force: true })
process.env.ANCM_TEST_RETRIED = retried

setUp()
installTestPrograms()
installKerberos()

if (spawnSync('dotnet', ['--version']).status === 0) {
  const failure = buildStartupHooks()
  if (failure !== undefined) {
    console.error(failure)
    process.exit(1)
  }
  run(process.execPath, ['config/scripts/publish-test-apps.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] })
} else if (process.env.CI === 'true') {
  console.error('The .NET SDK 10 is not installed. With CI=true every test runs, so this is a failure.')
  process.exit(1)
} else {
  console.log('The .NET SDK 10 is not installed: the tests with real ASP.NET Core apps are NOT run.')
}

const corpus = join(top, '../shared/corpus')
if (process.env.ANCMD_CORPUS === undefined && existsSync(corpus)) process.env.ANCMD_CORPUS = corpus

const args = process.argv.slice(2)
const reporter = args.some((argument) => argument.startsWith('--reporter')) ? [] : ['--reporter=default']

run(process.execPath, [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  'test/vitest.config.mjs',
  ...reporter,
  '--reporter=json',
  `--reporter=${join(top, 'config/scripts/retried-reporter.mjs')}`,
  `--outputFile.json=${report}`,
  ...args,
])
