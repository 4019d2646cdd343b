import { posix } from 'node:path'
import type { Command } from '../command/command.ts'
import { isDotnetName } from '../command/dotnet.ts'
import { missingFramework } from '../command/shared-frameworks.ts'
import type { FolderView } from '../system/folder-view.ts'
import type { Check, Finding } from './finding.ts'
import { asRoot, firstBytesOf, installCommand, type Machine, textOf } from './machine.ts'
import { readProgramFile } from './program-file.ts'
import { obstacleTo, type User } from './user.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Whether the program of a command can run on this machine: its system, processor, loader, mount and rights. */
export function checkProgram({ file }: Command, user: User, machine: Machine, view: FolderView): Check {
  const found = readProgramFile(firstBytesOf(file))
  const seen = [file, found?.architecture].filter((part) => part !== undefined).join(', ')
  const findings: Finding[] = []
  if (found !== undefined && found.system !== systemOf(machine)) {
    findings.push(error(`${file} is a program for ${found.system}.`, publishCure(machine)))
  } else if (found?.architecture !== undefined && found.architecture !== machine.architecture) {
    const text = `${file} is built for ${found.architecture}, but this machine is ${machine.architecture}.`
    findings.push(error(text, publishCure(machine)))
  }
  const interpreter = found?.interpreter
  if (findings.length === 0 && interpreter !== undefined && view.probe(interpreter) === 'missing') {
    const text = `${file} needs the loader ${interpreter}, which this system does not have.`
    const cure = interpreter.includes('musl')
      ? 'It was built for Alpine (linux-musl); publish it for this system:'
      : 'It was built for a system with glibc; publish it for this one, or framework-dependent:'
    findings.push({ ...error(text, cure), command: `dotnet publish -r ${runtimeIdentifier(machine, interpreter)}` })
  }
  const mount = mountWithoutExec(view.realPath(file), textOf('/proc/self/mounts'))
  if (mount !== undefined) {
    const text = `${file} lies on ${mount}, which is mounted with noexec.`
    findings.push({ ...error(text, 'Mount it with exec:'), command: asRoot(machine, `mount -o remount,exec ${mount}`) })
  }
  // The search for the program has asked the system for the own user's rights; a link may lead to where others may not look.
  const obstacle = user.isOurs
    ? undefined
    : (obstacleTo(file, 'execute', user) ?? obstacleTo(view.realPath(file), 'execute', user))
  if (obstacle !== undefined) {
    const text = `${file} cannot be run by ${user.name}: ${obstacle}.`
    findings.push(error(text, 'Install it where every user may run it, such as below /usr, or give the right.'))
  }
  return { subject: 'program', seen, findings }
}

/** Whether the shared frameworks are there that an app asks for. */
export function checkRuntime(command: Command, environment: Environment, machine: Machine, view: FolderView): Check {
  const missing = missingFramework(command, environment, view)
  const isDotnet = isDotnetName(posix.basename(command.file))
  const seen = isDotnet
    ? `what ${command.args[0] ?? 'the app'} asks for is installed beside ${command.file}`
    : 'nothing is missing'
  if (missing !== undefined) {
    const { text, cure, name, version } = missing
    const finding = { ...error(text, `${cure} To install it:`), ...commandFor(name, version, machine) }
    return { subject: 'runtime', seen: '', findings: [finding] }
  }
  const root = environment['DOTNET_ROOT'] ?? ''
  if (root !== '' && view.probe(posix.join(root, 'host', 'fxr')) !== 'folder') {
    const text = `DOTNET_ROOT is '${root}', where no .NET runtime is (no folder host/fxr).`
    const cure =
      'An app with an executable of its own looks for its runtime there: correct the variable, or take it away.'
    return { subject: 'runtime', seen: '', findings: [{ level: isDotnet ? 'warning' : 'error', text, cure }] }
  }
  return { subject: 'runtime', seen, findings: [] }
}

/** The command that installs a shared framework of a version. */
export function frameworkInstallCommand(name: string, version: string, machine: Machine): string {
  const [major = '', minor = '0'] = version.split('.')
  const kind = name === 'Microsoft.NETCore.App' ? 'dotnet' : 'aspnetcore'
  const packaged = `${kind}-runtime-${major}.${minor}`
  const names = { ubuntu: packaged, fedora: packaged, alpine: `${kind}${major}-runtime` }
  return installCommand(machine, names) ?? installScript(kind, `${major}.${minor}`, machine)
}

/** Installs ASP.NET Core of a channel, such as `10.0` or `LTS`, by .NET's own script. */
export function installScript(kind: 'dotnet' | 'aspnetcore', channel: string, machine: Machine): string {
  const options = `--runtime ${kind} --channel ${channel} --install-dir /usr/share/dotnet`
  return `curl -sSL https://dot.net/v1/dotnet-install.sh | ${asRoot(machine, 'bash')} -s -- ${options}`
}

function commandFor(name: string, version: string, machine: Machine): Pick<Finding, 'command'> {
  return machine.platform === 'linux' ? { command: frameworkInstallCommand(name, version, machine) } : {}
}

function systemOf({ platform }: Machine): string {
  return platform === 'win32' ? 'Windows' : platform === 'darwin' ? 'macOS' : 'Linux'
}

function publishCure(machine: Machine): string {
  return `Publish it for this machine (dotnet publish -r ${runtimeIdentifier(machine)}), or framework-dependent, which runs anywhere.`
}

/** .NET's name of this system: that of Alpine has `musl` in it. */
function runtimeIdentifier({ platform, architecture, distributions }: Machine, unlike = ''): string {
  const system = platform === 'darwin' ? 'osx' : platform === 'win32' ? 'win' : 'linux'
  const isMusl = system === 'linux' && distributions.includes('alpine') && !unlike.includes('musl')
  return `${system}${isMusl ? '-musl' : ''}-${architecture === 'ia32' ? 'x86' : architecture}`
}

/** The mount point above a path whose options have `noexec`; undefined when the path may be executed. */
export function mountWithoutExec(path: string, mounts: string): string | undefined {
  const rows = mounts.split('\n').map((line) => line.split(' '))
  const above = rows.filter(([, point = '']) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`))
  // A later mount of the same place hides an earlier one.
  const nearest = above.reduce<readonly string[]>((best, row) => {
    return (row[1]?.length ?? 0) >= (best[1]?.length ?? 0) ? row : best
  }, [])
  return nearest[3]?.split(',').includes('noexec') === true ? nearest[1] : undefined
}

function error(text: string, cure: string): Finding {
  return { level: 'error', text, cure }
}
