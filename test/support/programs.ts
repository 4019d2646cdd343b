import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program of another project that tests use as a judge; config/scripts/test-programs.mjs installs them. */
export type TestProgram =
  | 'chromium'
  | 'curl'
  | 'dpkg-deb'
  | 'fish'
  | 'goaccess'
  | 'h2load'
  | 'haproxy'
  | 'kadmin.local'
  | 'kdb5_util'
  | 'kinit'
  | 'krb5kdc'
  | 'lintian'
  | 'man'
  | 'nghttp'
  | 'openssl'
  | 'promtool'
  | 'python3'
  | 'samba'
  | 'samba-tool'
  | 'slapadd'
  | 'slapd'
  | 'systemd-analyze'
  | 'systemd-notify'
  | 'testssl'
  | 'tini'
  | 'xmllint'
  | 'zsh'

/**
 * Whether a program is installed, so that its tests can be reported as skipped where it is not. Always true in CI, where
 * a missing program fails the tests.
 */
export function hasProgram(name: TestProgram): boolean {
  return process.env['CI'] === 'true' || programPath(name) !== undefined
}

/** The program's file; its bare name if it is not installed, so that starting it says so. */
export function program(name: TestProgram): string {
  return programPath(name) ?? name
}

function programPath(name: TestProgram): string | undefined {
  // Where Debian puts programs for the administrator, which are not in every PATH.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
