import { fstatSync } from 'node:fs'

/** What the service manager that started this process has told it in its environment; plain data. */
export interface ServiceEnvironment {
  /** Where messages to the manager go; undefined: it wants none. */
  readonly notifySocket: string | undefined
  /** The longest time between two signs of life; undefined: it wants none. */
  readonly watchdogMs: number | undefined
  /** Listening sockets that the manager has opened; undefined: it has given none. */
  readonly descriptors: readonly InheritedDescriptor[] | undefined
  /** Whether stderr is the systemd journal, which adds the time itself and reads `<N>` at the start of a line. */
  readonly isJournal: boolean
}

/** A descriptor and the name that FileDescriptorName= gives it. */
export interface InheritedDescriptor {
  readonly fd: number
  readonly name: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** The first descriptor that systemd hands over. */
const firstDescriptor = 3

/** Reads the variables of systemd; those that were meant for another process, by LISTEN_PID and WATCHDOG_PID, do not count. */
export function readServiceEnvironment(environment: Environment, pid: number): ServiceEnvironment {
  const socket = environment['NOTIFY_SOCKET'] ?? ''
  return {
    notifySocket: /^[/@]/.test(socket) ? socket : undefined,
    watchdogMs: watchdogOf(environment, pid),
    descriptors: descriptorsOf(environment, pid),
    isJournal: isStreamOf(environment['JOURNAL_STREAM'], 2),
  }
}

/** Removes the variables, so that no child takes itself for this service; called on the environment of the process. */
export function forgetServiceEnvironment(environment: Record<string, string | undefined>): void {
  for (const name of Object.keys(environment)) {
    if (/^(?:NOTIFY_SOCKET|LISTEN_(?:PID|FDS|FDNAMES)|WATCHDOG_(?:PID|USEC)|JOURNAL_STREAM)$/.test(name)) {
      Reflect.deleteProperty(environment, name)
    }
  }
}

function watchdogOf(environment: Environment, pid: number): number | undefined {
  const whose = environment['WATCHDOG_PID'] ?? ''
  const microseconds = Number(environment['WATCHDOG_USEC'] ?? '')
  if (whose !== '' && whose !== String(pid)) return undefined
  return Number.isSafeInteger(microseconds) && microseconds > 0 ? microseconds / 1000 : undefined
}

function descriptorsOf(environment: Environment, pid: number): readonly InheritedDescriptor[] | undefined {
  const count = Number(environment['LISTEN_FDS'] ?? '')
  if (environment['LISTEN_PID'] !== String(pid) || !Number.isSafeInteger(count) || count <= 0) return undefined
  const names = (environment['LISTEN_FDNAMES'] ?? '').split(':')
  return Array.from({ length: count }, (_, i) => ({ fd: firstDescriptor + i, name: names[i] ?? '' }))
}

/** Whether a descriptor is the file that is named as `device:inode`; it may have been redirected since. */
function isStreamOf(file: string | undefined, fd: number): boolean {
  if (file === undefined) return false
  try {
    const { dev, ino } = fstatSync(fd)
    return file === `${String(dev)}:${String(ino)}`
  } catch {
    return false
  }
}
