// The list of scenarios in test/acceptance/README.md and the titles of the tests, as data.

/** A test whose title begins with names of scenarios: `start-basic: …`, `log-stdout, log-stderr: …`. */
export interface NamedTest {
  /** Without `.test.ts`. */
  readonly file: string
  readonly names: readonly string[]
  /** What follows the names. */
  readonly sentence: string
}

/** One scenario of the list, with its tests or the reason why it has none. */
export interface Scenario {
  readonly name: string
  readonly reason: string | undefined
  readonly tests: readonly { readonly file: string; readonly sentence: string }[]
}

const name = '[a-z0-9]+(?:-[a-z0-9]+)+'
const title = new RegExp(`\\(\\s*(['"\`])(${name}(?:, ${name})*): ((?:\\\\.|(?!\\1)[^\\\\])*)\\1,`, 'g')

export function namedTestsIn(file: string, source: string): NamedTest[] {
  return Array.from(source.matchAll(title), ([, , names = '', sentence = '']) => ({
    file,
    names: names.split(', '),
    sentence: sentence.replaceAll(/\\(.)/g, '$1'),
  }))
}

/**
 * Each scenario is an item `- `name``, followed by `: reason`, by a deeper item `- file: sentence` for each of its tests, or
 * by both.
 */
export function scenariosIn(markdown: string): Scenario[] {
  const items = markdown.split(/^- (?=`)/m).slice(1)
  return items.map((item) => {
    const [, found = '', reason] = /^`([^`]+)`(?:: ([^\n]+(?:\n {2}(?! *-)[^\n]+)*))?/.exec(item) ?? []
    const tests = Array.from(item.matchAll(/^ {2}- ([\w-]+): (.+)$/gm), ([, file = '', sentence = '']) => ({
      file,
      sentence: sentence.replaceAll('`', ''),
    }))
    return { name: found, reason, tests }
  })
}
