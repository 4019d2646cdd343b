import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** What the advice depends on: the distribution, and whether its commands need sudo. */
export interface Machine {
  /** As Node names it: `x64`, `arm64`, `arm`, … */
  readonly architecture: string
  readonly platform: string
  /** `debian`, `ubuntu`, `alpine`, … as ID and ID_LIKE of os-release have them, the most exact first. */
  readonly distributions: readonly string[]
  readonly isRoot: boolean
}

export function thisMachine(): Machine {
  const release = textOf('/etc/os-release') || textOf('/usr/lib/os-release')
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(release)?.[1] ?? ''
  const { arch, platform } = process
  const distributions = `${field('ID')} ${field('ID_LIKE')}`.split(' ').filter((id) => id !== '')
  return { architecture: arch, platform, distributions, isRoot: process.geteuid?.() === 0 }
}

/** A command as this machine's operator has to type it. */
export function asRoot(machine: Machine, command: string): string {
  return machine.isRoot ? command : `sudo ${command}`
}

/** The command that installs a package, by the name that each family of distributions has for it; undefined for others. */
export function installCommand(
  machine: Machine,
  names: Readonly<Partial<Record<'debian' | 'ubuntu' | 'fedora' | 'alpine' | 'suse', string>>>,
): string | undefined {
  for (const id of machine.distributions) {
    if (id === 'ubuntu' && names.ubuntu !== undefined) return asRoot(machine, `apt-get install -y ${names.ubuntu}`)
    if (id === 'debian' && names.debian !== undefined) return asRoot(machine, `apt-get install -y ${names.debian}`)
    if (/^(?:fedora|rhel|centos)$/.test(id) && names.fedora !== undefined) {
      return asRoot(machine, `dnf install -y ${names.fedora}`)
    }
    if (id === 'alpine' && names.alpine !== undefined) return asRoot(machine, `apk add ${names.alpine}`)
    if (/suse/.test(id) && names.suse !== undefined) return asRoot(machine, `zypper install -y ${names.suse}`)
    // Debian's own derivatives name it in ID_LIKE; what Ubuntu has and Debian has not must not be promised there.
    if (id === 'debian') return undefined
  }
  return undefined
}

/** A number of /proc/sys; undefined where there is none. */
export function kernelNumber(name: string): number | undefined {
  const text = textOf(`/proc/sys/${name}`).trim()
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/** A small text file; '' when it cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The first 4 KiB of a file; empty when it cannot be read. */
export function firstBytesOf(path: string): Buffer {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const bytes = Buffer.alloc(4096)
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0))
  } catch {
    return Buffer.alloc(0)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
