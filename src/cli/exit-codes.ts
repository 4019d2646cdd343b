/** The exit codes, from which systemd and scripts learn why ancmd ended; numbers from sysexits.h where one fits. */
export const exitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  notRunning: 69,
  noPermission: 77,
  badConfiguration: 78,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]
