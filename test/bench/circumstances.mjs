// What a figure depends on besides the code: versions, the machine, the revision.
import { spawnSync } from 'node:child_process'
import { top } from '../../config/scripts/setup.mjs'
import { loadProgram } from './load.mjs'
import { machine } from './machine.mjs'
import { catalogue } from './peers.mjs'
import { versionOf } from './programs.mjs'

export function circumstances(names, { proxyCore, loadCore }) {
  return {
    date: new Date().toISOString(),
    revision: revision(),
    layout:
      proxyCore === undefined
        ? 'not pinned (taskset is not installed, or there is one core): compare nothing but ratios, and those with care'
        : `proxies on core ${proxyCore}, load and app on core ${loadCore}`,
    ...machine(),
    load: loadProgram(),
    versions: {
      node: process.versions.node,
      dotnet: versionOf('dotnet', '--version'),
      wrk: versionOf('wrk', '--version'),
      h2load: versionOf('h2load', '--version'),
      openssl: process.versions.openssl,
      ...Object.fromEntries(names.map((name) => [name, catalogue[name].version()])),
    },
  }
}

/** The commit, with a mark if there are changes that it does not have. */
function revision() {
  const git = (...args) => spawnSync('git', args, { cwd: top, encoding: 'utf8' })
  const { status, stdout } = git('rev-parse', '--short=12', 'HEAD')
  if (status !== 0) return 'not a git checkout'
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'package-lock.json').stdout !== ''
  return `${stdout.trim()}${changed ? ' with changes' : ''}`
}
