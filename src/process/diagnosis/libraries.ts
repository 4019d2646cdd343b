import { readdirSync } from 'node:fs'
import { posix } from 'node:path'
import type { RuntimeConfig } from '../command/runtime-config.ts'
import type { Check, Finding } from './finding.ts'
import { installCommand, type Machine, textOf } from './machine.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The native libraries that .NET loads by itself: ICU, without which it ends at once, and OpenSSL. */
export function checkLibraries(
  config: RuntimeConfig,
  folder: string,
  environment: Environment,
  machine: Machine,
  folders: readonly string[] = loaderFolders(environment),
): Check {
  if (machine.platform !== 'linux') return { subject: 'libraries', seen: 'not looked at on this system', findings: [] }
  const findings: Finding[] = []
  const icu = findLibrary('libicuuc.so.', [folder, ...folders])
  const isInvariant = needsNoIcu(config, environment)
  if (icu === undefined && !isInvariant) findings.push(missingIcu(machine))
  const openssl = findLibrary('libssl.so.', [folder, ...folders])
  if (openssl === undefined) findings.push(missingOpenssl(machine))
  const seen = [isInvariant ? 'no ICU needed' : icu, openssl].filter((part) => part !== undefined).join(', ')
  return { subject: 'libraries', seen, findings }
}

export function missingIcu(machine: Machine): Finding {
  const text = 'The app needs ICU (libicu), which this system does not have.'
  const command = installCommand(machine, {
    debian: 'libicu-dev',
    ubuntu: 'libicu-dev',
    fedora: 'libicu',
    alpine: 'icu-libs icu-data-full',
    suse: 'libicu',
  })
  const invariant =
    '<environmentVariable name="DOTNET_SYSTEM_GLOBALIZATION_INVARIANT" value="1" /> in web.config lets it do without'
  return {
    level: 'error',
    text,
    cure: `Without cultures, ${invariant}; else install ICU${command === undefined ? '.' : ':'}`,
    ...(command !== undefined && { command }),
  }
}

export function missingOpenssl(machine: Machine): Finding {
  const command = installCommand(machine, {
    debian: 'libssl3',
    ubuntu: 'libssl3',
    fedora: 'openssl-libs',
    alpine: 'libssl3',
    suse: 'libopenssl3',
  })
  const text =
    'OpenSSL (libssl) is missing: an app that makes https connections, or hashes and encrypts, ends when it does.'
  return {
    level: 'warning',
    text,
    cure: command === undefined ? 'Install OpenSSL.' : 'Install it:',
    ...(command !== undefined && { command }),
  }
}

/** Whether the app has been told to do without cultures, or brings an ICU of its own. */
function needsNoIcu({ properties }: RuntimeConfig, environment: Environment): boolean {
  const said = environment['DOTNET_SYSTEM_GLOBALIZATION_INVARIANT']
  if (said !== undefined && said !== '') return /^(?:1|true)$/i.test(said)
  if (properties.get('System.Globalization.AppLocalIcu') !== undefined) return true
  return String(properties.get('System.Globalization.Invariant')).toLowerCase() === 'true'
}

/** The first of the folders' files whose name begins so, as a path. */
function findLibrary(name: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const found = namesIn(folder).find((entry) => entry.startsWith(name))
    if (found !== undefined) return posix.join(folder, found)
  }
  return undefined
}

/** Where the dynamic loader looks: LD_LIBRARY_PATH, what ld.so.conf names, and the folders of every system. */
function loaderFolders(environment: Environment): readonly string[] {
  const named = (environment['LD_LIBRARY_PATH'] ?? '').split(':').filter((folder) => folder !== '')
  const files = [
    '/etc/ld.so.conf',
    ...namesIn('/etc/ld.so.conf.d').map((name) => posix.join('/etc/ld.so.conf.d', name)),
  ]
  const configured = files.flatMap((file) => textOf(file).split('\n')).filter((line) => line.startsWith('/'))
  return [...new Set([...named, ...configured, '/lib64', '/usr/lib64', '/lib', '/usr/lib', '/usr/local/lib'])]
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
