import type { Place, Problems } from '../problems.ts'

/** What the notice says of things that have no effect. */
const sentences = {
  meaningless: 'These mean nothing here',
  later: 'These are not honoured yet',
} as const

/** Each name is shown with this many lines at most. */
const maxLines = 3

/**
 * Collects what a host file contains without effect, so that each thing is named once: a real file has hundreds of such
 * lines. Life: the reading of one host file.
 */
export class Unused {
  readonly #found = new Map<keyof typeof sentences, Map<string, Place[]>>()

  /** @param what a name from IIS's schema, such as `<listenerAdapters>` or `managedRuntimeVersion` */
  add(why: keyof typeof sentences, what: string, at: Place): void {
    const names = this.#found.get(why) ?? new Map<string, Place[]>()
    this.#found.set(why, names)
    names.set(what, [...(names.get(what) ?? []), at])
  }

  /** Adds one notice for each reason and file. */
  report(problems: Problems): void {
    for (const [why, names] of this.#found) {
      for (const file of new Set([...names.values()].flat().map((at) => at.file))) {
        const here = [...names]
          .map(([what, all]) => ({ what, places: all.filter((at) => at.file === file).toSorted(byPosition) }))
          .filter(({ places }) => places.length > 0)
          .toSorted((a, b) => byPosition(a.places[0] as Place, b.places[0] as Place))
        const list = here.map(({ what, places }) => `${what} (${linesText(places)})`)
        problems.notice(here[0]?.places[0] as Place, `${sentences[why]}: ${list.join(', ')}.`)
      }
    }
  }
}

function byPosition(a: Place, b: Place): number {
  return a.line - b.line || a.column - b.column
}

function linesText(places: readonly Place[]): string {
  const lines = [...new Set(places.map(({ line }) => line))]
  const more = lines.length > maxLines ? ' and more' : ''
  return `${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, maxLines).join(', ')}${more}`
}
