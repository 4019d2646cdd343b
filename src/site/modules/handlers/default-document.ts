import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import { type SectionReader, settingsOf } from '../../../config/sections/section-reader.ts'
import { childrenNamed, type ElementShape, readShaped } from '../../../config/xml/element.ts'
import { bool, nonEmpty } from '../../../platform/schema.ts'
import type { Module } from '../module.ts'

/** What `<defaultDocument>` comes to. */
export interface DefaultDocumentSettings {
  /** Names of files, the first of which that a folder has is served for it; empty: none is. */
  readonly files: readonly string[]
}

/** What holds where no `<defaultDocument>` is written. */
const defaultDocumentDefaults: DefaultDocumentSettings = {
  files: ['Default.htm', 'Default.asp', 'index.htm', 'index.html', 'iisstart.htm'],
}

const table: CollectionTable<{ readonly value: string }> = {
  what: 'default document',
  kinds: { value: nonEmpty('the name of a file') },
  required: ['value'],
  key: ['value'],
}

const shape: ElementShape<{ readonly enabled: boolean }> = {
  kinds: { enabled: bool() },
  defaults: { enabled: true },
  children: { files: collectionShape(table) },
}

const section: SectionReader<DefaultDocumentSettings> = {
  section: 'defaultDocument',
  shape,
  read: (elements, { problems }) => {
    let enabled = true
    for (const element of elements) enabled = readShaped(element, shape, problems).enabled?.value ?? enabled
    const lists = childrenNamed(elements, 'files')
    const defaults = defaultDocumentDefaults.files.map((value) => ({ value }))
    const entries = readCollection(lists, table, problems, defaults)
    if (elements.length === 0) return undefined
    // As in IIS, what a file adds comes before what it inherits.
    const level = ({ element }: (typeof entries)[number]): number =>
      element === undefined ? -1 : lists.findIndex(({ children }) => children.includes(element))
    const ordered = entries.toSorted((a, b) => level(b) - level(a))
    return { files: enabled ? ordered.map(({ values }) => values.value ?? '') : [] }
  },
  describe: ({ files }) => [['documents of folders', files.length === 0 ? 'none' : files.join(', ')]],
}

/** `<defaultDocument>`: what static handlers serve for a folder. It does nothing by itself. */
export const defaultDocument: Module<DefaultDocumentSettings> = {
  section,
  nativeName: 'DefaultDocumentModule',
  create: () => ({}),
}

/** The settings of an application, given those of all its sections. */
export function defaultDocumentOf(sections: Readonly<Record<string, unknown>>): DefaultDocumentSettings {
  return settingsOf({ sections }, section) ?? defaultDocumentDefaults
}
