/**
 * A place in a file. Line and column count from 1, columns in UTF-16 units, as in editors; both are 0 for the whole
 * file.
 */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** An error, warning or notice about a configuration file; shown as `file:line:column: level: text`. */
export interface Problem {
  readonly level: 'error' | 'warning' | 'notice'
  readonly file: string
  /** Counts from 1; 0 when the problem concerns the whole file. */
  readonly line: number
  readonly column: number
  /** What is wrong, with the offending text; one sentence. */
  readonly text: string
  /** What to do about it; one sentence. Undefined only where nothing can be done. */
  readonly cure: string | undefined
}

/** Collects the problems of a configuration: all of them, not only the first. */
export class Problems {
  readonly #list: Problem[] = []

  add(problem: Problem): void {
    this.#list.push(problem)
  }

  /** Adds a problem because of which the configuration cannot be used. */
  error(at: Place, text: string, cure: string): void {
    this.add(problemAt('error', at, text, cure))
  }

  /** Adds a problem because of which something will not work as the author of the file meant it. */
  warning(at: Place, text: string, cure: string | undefined): void {
    this.add(problemAt('warning', at, text, cure))
  }

  /** Adds a hint: a setting has no effect here, or a different effect than under IIS. */
  notice(at: Place, text: string, cure?: string): void {
    this.add(problemAt('notice', at, text, cure))
  }

  /** All problems, ordered by file (in the order in which files were first mentioned), line and column. */
  get list(): readonly Problem[] {
    const files = [...new Set(this.#list.map((problem) => problem.file))]
    return this.#list.toSorted(
      (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    )
  }

  get hasErrors(): boolean {
    return this.#list.some((problem) => problem.level === 'error')
  }
}

export function problemAt(level: Problem['level'], at: Place, text: string, cure: string | undefined): Problem {
  return Object.freeze({ level, file: at.file, line: at.line, column: at.column, text, cure })
}

/** Whether a value is a Place and nothing more. */
export function isPlace(value: object): value is Place {
  return 'file' in value && 'line' in value && 'column' in value && Object.keys(value).length === 3
}

export function wholeFile(file: string): Place {
  return { file, line: 0, column: 0 }
}

export function problemLine(problem: Problem): string {
  const place = `${problem.file}:${String(problem.line)}:${String(problem.column)}`
  const cure = problem.cure === undefined ? '' : ` ${problem.cure}`
  return `${place}: ${problem.level}: ${problem.text}${cure}`
}

/** A text from a file, made safe to be shown: control characters are escaped, and it is cut to 100 characters. */
export function shown(text: string): string {
  const short = text.length > 100 ? `${text.slice(0, 97)}...` : text
  return short.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (c) => {
    return `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}
