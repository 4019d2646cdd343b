import type { Check, Finding } from '../../process/diagnosis/finding.ts'

/** What was looked at in one place: the daemon's own surroundings, or one application. */
export interface Examination {
  /** `daemon`, or the application's virtual path and folder. */
  readonly scope: string
  readonly checks: readonly Check[]
}

/** What was looked at in one place as lines for a person; each command stands on a line of its own, to be copied. */
export function examinationLines({ scope, checks }: Examination): readonly string[] {
  const width = Math.max(...checks.map(({ subject }) => subject.length))
  return [scope, ...checks.flatMap((check) => checkLines(check, width))]
}

function checkLines({ subject, seen, findings }: Check, width: number): readonly string[] {
  if (findings.length === 0) return [line('ok', subject, seen, width)]
  return findings.flatMap((finding) => findingLines(finding, subject, width))
}

function findingLines({ level, text, cure, command }: Finding, subject: string, width: number): readonly string[] {
  const lines = [line(level, subject, text, width)]
  if (cure !== '') lines.push(line('', '', cure, width))
  if (command !== undefined) lines.push(line('', '', `  ${command}`, width))
  return lines
}

function line(level: string, subject: string, text: string, width: number): string {
  return `  ${level.padEnd(7)}  ${subject.padEnd(width)}  ${text}`.trimEnd()
}

/** How many errors and warnings there are. */
export function summaryLine(examinations: readonly Examination[]): string {
  const findings = examinations.flatMap(({ checks }) => checks.flatMap((check) => check.findings))
  const errors = findings.filter(({ level }) => level === 'error').length
  const warnings = findings.length - errors
  if (findings.length === 0) return 'nothing keeps it from running here'
  return `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
}

function counted(count: number, what: string): string {
  return `${count === 0 ? 'no' : String(count)} ${what}${count === 1 ? '' : 's'}`
}
