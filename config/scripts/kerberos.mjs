// The package `kerberos`, an optional peer of ancmd, for the tests: built from its source into a folder of its own, so
// that neither `npm ci` nor a machine without the headers of Kerberos is concerned.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { top } from './setup.mjs'

const version = '7.0.0'
const folder = join(top, '.cache/kerberos')
const installed = join(folder, 'node_modules/kerberos')

/** Builds the package if it is not there; with CI=true a failure ends this process with 1. */
export function installKerberos() {
  if (process.platform === 'win32' || isInstalled()) return
  console.log(`Building kerberos ${version}, which the tests of Negotiate use …`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { kerberos: version } }))
  const { npm_execpath: npm, ...environment } = process.env
  const [program, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]]
  const { status, stdout, stderr } = spawnSync(
    program,
    [...args, 'install', '--no-audit', '--no-fund', '--foreground-scripts'],
    { cwd: folder, encoding: 'utf8', env: { ...environment, ...buildSettings() }, timeout: 300_000 },
  )
  if (status === 0 && isInstalled()) return
  console.error(`${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n'))
  console.error('kerberos cannot be built; it needs libkrb5-dev, make and g++.')
  if (process.env.CI === 'true') process.exit(1)
  console.error('The tests of Negotiate are NOT run.')
}

function isInstalled() {
  if (!existsSync(join(installed, 'build/Release/kerberos.node'))) return false
  return JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).version === version
}

/** Nothing is downloaded but the package; the headers are those of this Node, where they came with it. */
function buildSettings() {
  const prefix = dirname(dirname(process.execPath))
  const hasHeaders = existsSync(join(prefix, 'include/node/node_api.h'))
  return {
    npm_config_build_from_source: 'true',
    ...(hasHeaders && { npm_config_nodedir: prefix }),
  }
}
