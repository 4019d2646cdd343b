import type { Place } from './problems.ts'

/** An XML element of a configuration file. */
export interface ConfigElement {
  readonly name: string
  /** Where its `<` is. */
  readonly at: Place
  readonly attributes: ReadonlyMap<string, ConfigAttribute>
  readonly children: readonly ConfigElement[]
  /** Where the first text directly inside the element begins; in a configuration file there should be none. */
  readonly strayText: Place | undefined
}

export interface ConfigAttribute {
  readonly name: string
  /** With references resolved, and with a space in place of each line end or tab. */
  readonly value: string
  /** Where the name begins. */
  readonly at: Place
  /** Where the value begins, after its quote. */
  readonly valueAt: Place
}
