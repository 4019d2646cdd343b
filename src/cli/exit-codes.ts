/** Exit codes are an interface (sysexits where one fits), so that systemd and scripts can tell the cases apart. */
export const exitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  notRunning: 69,
  noPermission: 77,
  badConfiguration: 78,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]
