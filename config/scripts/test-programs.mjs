// The programs of other projects that tests use as judges: clients, proxies, browsers. None of them is needed to run
// the daemon.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The Debian package of each program. */
const packages = {
  chromium: 'chromium',
  curl: 'curl',
  'dpkg-deb': 'dpkg',
  fish: 'fish',
  'g++': 'g++',
  goaccess: 'goaccess',
  h2load: 'nghttp2-client',
  haproxy: 'haproxy',
  'kadmin.local': 'krb5-admin-server',
  kdb5_util: 'krb5-kdc',
  kinit: 'krb5-user',
  'krb5-config': 'libkrb5-dev',
  krb5kdc: 'krb5-kdc',
  lintian: 'lintian',
  make: 'make',
  man: 'man-db',
  nghttp: 'nghttp2-client',
  openssl: 'openssl',
  promtool: 'prometheus',
  python3: 'python3',
  'systemd-analyze': 'systemd',
  'systemd-notify': 'systemd',
  testssl: 'testssl.sh',
  tini: 'tini',
  xmllint: 'libxml2-utils',
  zsh: 'zsh',
}

/**
 * Installs the programs that are missing, where this is Debian and the user is root; elsewhere says which are missing.
 * Their tests are then reported as skipped, but with CI=true this process ends with 1.
 */
export function installTestPrograms() {
  let missing = missingPrograms()
  if (missing.length === 0) return
  const wanted = [...new Set(missing.map((name) => packages[name]))]
  if (process.getuid?.() === 0 && hasProgram('apt-get')) {
    console.log(`Installing programs that tests use: ${wanted.join(', ')} …`)
    const options = {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }
    spawnSync('apt-get', ['update', '-q'], options)
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...wanted], options)
    missing = missingPrograms()
    if (missing.length === 0) return
  }
  console.log(`Programs that tests use are missing: ${missing.join(', ')} (Debian packages: ${wanted.join(' ')}).`)
  if (process.env.CI !== 'true') {
    console.log('The tests that use them are NOT run.')
    return
  }
  console.error('With CI=true every test runs, so this is a failure.')
  process.exit(1)
}

function missingPrograms() {
  return Object.keys(packages).filter((name) => !hasProgram(name))
}

function hasProgram(name) {
  // Where Debian puts programs for the administrator, which are not in every PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, name)))
}

function isExecutable(file) {
  if (!existsSync(file)) return false
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
