/** One thing to say about a configuration file; shown as `file:line:column: level: text`. */
export interface Problem {
  readonly level: 'error' | 'warning' | 'notice'
  readonly file: string
  /** From 1; 0 when the whole file is meant. */
  readonly line: number
  readonly column: number
  /** What is wrong, with the offending text, one sentence. */
  readonly text: string
  /** What to do about it, one sentence; undefined only where nothing can be done. */
  readonly cure: string | undefined
}

/** Collects every problem, never only the first. */
export class Problems {
  readonly #list: Problem[] = []

  add(problem: Problem): void {
    this.#list.push(problem)
  }

  get list(): readonly Problem[] {
    return this.#list
  }

  get hasErrors(): boolean {
    return this.#list.some((problem) => problem.level === 'error')
  }
}

export function problemLine(problem: Problem): string {
  const place = `${problem.file}:${String(problem.line)}:${String(problem.column)}`
  const cure = problem.cure === undefined ? '' : ` ${problem.cure}`
  return `${place}: ${problem.level}: ${problem.text}${cure}`
}
