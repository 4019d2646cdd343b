import { posix } from 'node:path'
import type { Finding } from './finding.ts'
import { missingIcu, missingOpenssl } from './libraries.ts'
import { tooFewInstances } from './limits.ts'
import { asRoot, installCommand, kernelNumber, type Machine } from './machine.ts'
import { frameworkInstallCommand, installScript } from './program.ts'

/** What the advice about an app's output depends on. */
export interface ClueContext {
  readonly machine: Machine
  readonly user: string
  readonly folder: string
}

interface Clue {
  readonly pattern: RegExp
  readonly finding: (found: RegExpExecArray, context: ClueContext) => Finding
}

/** What .NET, the loader and the kernel print when an app cannot start, and what it means. */
const clues: readonly Clue[] = [
  {
    pattern: /valid ICU package/,
    finding: (_found, { machine }) => missingIcu(machine),
  },
  {
    pattern: /No usable version of libssl/,
    finding: (_found, { machine }) => ({ ...missingOpenssl(machine), level: 'error' }),
  },
  {
    pattern: /Framework: '([^']+)', version '([^']+)'(?: \(([^)]+)\))?/,
    finding: ([, name = '', version = ''], { machine }) => {
      const text = `The app asks for ${name} ${version}, which the runtime that it found does not have.`
      return error(text, 'Install it:', frameworkInstallCommand(name, version, machine))
    },
  },
  {
    pattern:
      /(?:You must install \.NET to run this application|libhostfxr\.so\b.*(?:not found|could not be found|does not exist))/,
    finding: (_found, { machine }) => {
      const command = installScript('aspnetcore', 'LTS', machine)
      return error(
        'There is no .NET runtime where the app looks for it.',
        'Install it, or set DOTNET_ROOT to where it is:',
        command,
      )
    },
  },
  {
    pattern: /user limit \((\d+)\) on the number of inotify instances/,
    finding: ([, limit = '128'], { machine, user }) => tooFewInstances(Number(limit), Number(limit), user, machine),
  },
  {
    pattern: /user limit \((\d+)\) on the number of inotify watches/,
    finding: ([, limit = '0'], { machine }) => {
      const wanted = Math.max(524_288, (kernelNumber('fs/inotify/max_user_watches') ?? 0) * 2)
      const command = asRoot(machine, `sysctl -w fs.inotify.max_user_watches=${String(wanted)}`)
      return error(`All ${limit} inotify watches of this user are taken.`, 'Allow more:', command)
    },
  },
  {
    pattern: /version [`'](GLIBC_[\d.]+)' not found/,
    finding: ([, wanted = '']) =>
      error(
        `The app is built for a newer system: it needs ${wanted}.`,
        'Publish it with an older SDK, framework-dependent, or run it on a newer system.',
      ),
  },
  {
    pattern: /error while loading shared libraries: ([^\s:]+)/,
    finding: ([, library = ''], { machine }) => {
      const name = posix.basename(library).replace(/\.so.*$/, '')
      const command = installCommand(machine, { debian: 'apt-file', ubuntu: 'apt-file' })
      const search = command === undefined ? undefined : `apt-file search ${posix.basename(library)}`
      return error(
        `The library ${library} is missing.`,
        `Install the package that has ${name}${search === undefined ? '.' : ':'}`,
        search,
      )
    },
  },
  {
    pattern: /Unable to load shared library '([^']+)'/,
    finding: ([, library = '']) =>
      error(
        `The app needs the native library '${library}', which is not on this system or is built for another one.`,
        'Publish the app for this system (dotnet publish -r), or install the library.',
      ),
  },
  {
    pattern: /0x8007054F|Failed to create CoreCLR.*HRESULT: (0x[0-9A-Fa-f]+)/,
    finding: ([, code = '0x8007054F']) =>
      error(
        `.NET's runtime could not start (${code}): a filter of system calls or a limit forbids something that it needs.`,
        'In the unit, add sched_setaffinity and @resources to SystemCallFilter=, take MemoryDenyWriteExecute= out, and raise MemoryMax= or LimitAS=.',
      ),
  },
  {
    pattern: /GC heap initialization failed|Out of memory\.?$|OutOfMemoryException/m,
    finding: () =>
      error(
        'The app did not get the memory that it needs.',
        'Raise the limit of the container or unit, or set DOTNET_GCHeapHardLimit below that limit in <environmentVariables>.',
      ),
  },
  {
    pattern: /Failed to bind to address ([^\s:]+:\/\/[^\s]+?): address already in use/,
    finding: ([, address = '']) =>
      error(
        `The app listens on ${address} by itself, and that port is taken.`,
        'Take the address out of app.Run(…), UseUrls, --urls, or Kestrel:Endpoints and Urls in appsettings*.json, so that the app takes the port that it is given.',
      ),
  },
  {
    pattern: /Unable to configure HTTPS endpoint|No server certificate was specified/,
    finding: () =>
      error(
        'The app has an https endpoint of its own, without a certificate.',
        'Behind ancmd it needs none: take Kestrel:Endpoints and UseHttps out, because ancmd speaks https with the clients.',
      ),
  },
  {
    pattern: /An assembly specified in the application dependencies manifest \(([^)]+)\) was not found/,
    finding: ([, manifest = ''], { folder }) =>
      error(`Files that ${manifest} names are missing in ${folder}.`, 'Copy the whole publish folder again.'),
  },
  {
    pattern: /Could not load file or assembly '([^',]+)/,
    finding: ([, assembly = ''], { folder }) =>
      error(
        `The assembly ${assembly} is missing in ${folder}, or is of another version.`,
        'Copy the whole publish folder again, into an empty folder.',
      ),
  },
  {
    pattern: /Access to the path '([^']+)' is denied/,
    finding: ([, path = ''], { machine, user }) =>
      error(
        `${user} may not use ${path}.`,
        'Give the right:',
        asRoot(machine, `setfacl -R -m u:${user}:rwX '${path}'`),
      ),
  },
  {
    pattern: /Read-only file system(?: : '([^']+)')?/,
    finding: ([, path]) =>
      error(
        `The app writes${path === undefined ? '' : ` to ${path}`}, which is on a read-only file system.`,
        'Name the folder in ReadWritePaths= of the unit, or mount it writable in the container.',
      ),
  },
  {
    pattern: /cannot execute binary file|Exec format error/,
    finding: (_found, { machine }) =>
      error(
        `The program is built for another kind of machine than ${machine.architecture}.`,
        'Publish it for this machine (dotnet publish -r), or framework-dependent.',
      ),
  },
]

/** What an app's last lines of output say about why it could not start; each meaning once. */
export function findClues(lines: readonly string[], context: ClueContext): readonly Finding[] {
  const text = lines.join('\n')
  return clues.flatMap(({ pattern, finding }) => {
    const found = pattern.exec(text)
    return found === null ? [] : [finding(found, context)]
  })
}

function error(text: string, cure: string, command?: string): Finding {
  return { level: 'error', text, cure, ...(command !== undefined && { command }) }
}
