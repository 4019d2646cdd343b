// Brings a checkout into a state in which the daemon runs: packages as the lock file has them, dist as src has it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const top = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Installs the packages and builds dist, each only if it is out of date. Without dist/hooks, which needs a .NET SDK (see
 * startup-hooks.mjs): the daemon says where it misses them.
 */
export function setUp() {
  install()
  build()
}

function install() {
  if (isInstalled()) return
  console.log('Installing the packages of package-lock.json …')
  const npm = process.env.npm_execpath
  const [program, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]]
  run(program, [...args, 'ci', '--no-audit', '--no-fund'], { shell: npm === undefined && process.platform === 'win32' })
}

/** npm keeps a record of what it installed; it must agree with the lock file, but for packages of other systems. */
function isInstalled() {
  const record = join(top, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const wanted = Object.entries(JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')).packages)
  return wanted.every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.integrity === entry.integrity,
  )
}

function build() {
  const stamp = join(top, 'dist/.sources')
  const digest = digestOfSources()
  const isCurrent = existsSync(join(top, 'dist/main.js')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest
  if (isCurrent) return
  console.log('Building dist …')
  // In a process of its own: this one may have been started before the packages were there.
  run(process.execPath, ['config/scripts/build.mjs'])
  writeFileSync(stamp, digest)
}

function digestOfSources() {
  const hash = createHash('sha256')
  const settings = ['config/scripts/build.mjs', 'package-lock.json'].map((file) => join(top, file))
  for (const file of [...settings, ...filesIn(join(top, 'src'), '.ts')].sort()) {
    hash
      .update(`${relative(top, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

/** Every file below the folder whose name ends so. */
export function filesIn(folder, ending = '') {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Runs a program with our streams; a failure ends this one with the same code. */
export function run(program, args, options = {}) {
  const { status, signal, error } = spawnSync(program, args, { cwd: top, stdio: 'inherit', ...options })
  if (error !== undefined) console.error(`${program}: ${error.message}`)
  if (status !== 0 || signal !== null) process.exit(status || 1)
}
