// The programs of other projects that tests use: clients, proxies and browsers as judges, and a library that shows them
// accounts which this system does not have. None of them is needed to run the daemon.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The Debian package of each program, or several with blanks between them. */
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
  'libnss_wrapper.so': 'libnss-wrapper',
  lintian: 'lintian',
  make: 'make',
  man: 'man-db',
  nghttp: 'nghttp2-client',
  openssl: 'openssl',
  promtool: 'prometheus',
  python3: 'python3',
  samba: 'samba-ad-dc',
  'samba-tool': 'samba-common-bin samba-ad-provision',
  slapadd: 'slapd',
  slapd: 'slapd',
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
  const wanted = [...new Set(missing.flatMap((name) => packages[name].split(' ')))]
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
  if (name.endsWith('.so')) return hasLibrary(name)
  // Where Debian puts programs for the administrator, which are not in every PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, name)))
}

/** The loader says on stderr which library it cannot find, and goes on. */
function hasLibrary(name) {
  if (process.platform !== 'linux') return true
  return spawnSync('true', { env: { ...process.env, LD_PRELOAD: name }, encoding: 'utf8' }).stderr === ''
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
