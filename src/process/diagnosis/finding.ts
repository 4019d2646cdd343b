/** Something on this machine that keeps an app from running, or that will trouble it later. */
export interface Finding {
  /** `error`: the app cannot run so. */
  readonly level: 'error' | 'warning'
  /** What is wrong; a sentence. */
  readonly text: string
  /** What to do about it; a sentence, or the beginning of one that ends with `command`. */
  readonly cure: string
  /** The command, or the line of a file, that does it; undefined where there is no single one. */
  readonly command?: string
}

/** One thing that was looked at. */
export interface Check {
  /** `runtime`, `files`, … */
  readonly subject: string
  /** What was seen, for a reader who wants to know that it was looked at; '' where findings say it. */
  readonly seen: string
  readonly findings: readonly Finding[]
}

/** A finding as one line. */
export function findingLine({ text, cure, command }: Finding): string {
  return command === undefined ? `${text} ${cure}` : `${text} ${cure} ${command}`
}
