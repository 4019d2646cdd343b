import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { type ElementShape, readShaped } from '../../../config/xml/element.ts'
import { bool, flags } from '../../../platform/schema.ts'
import type { Module } from '../module.ts'

interface DirectoryBrowseAttributes {
  readonly enabled: boolean
  readonly showFlags: readonly string[]
}

const shape: ElementShape<DirectoryBrowseAttributes> = {
  kinds: { enabled: bool(), showFlags: flags(['Date', 'Time', 'Size', 'Extension', 'LongDate'], 'None') },
  defaults: { enabled: false, showFlags: ['Date', 'Time', 'Size', 'Extension'] },
}

const section: SectionReader<never> = {
  section: 'directoryBrowse',
  shape,
  read: (elements, { problems }) => {
    let on: ReturnType<typeof readShaped<DirectoryBrowseAttributes>>['enabled']
    for (const element of elements) on = readShaped(element, shape, problems).enabled ?? on
    if (on?.value === true) {
      const text =
        '<directoryBrowse enabled="true">: folders are never listed here; a folder without a document is 403.14.'
      problems.notice(on.at, text, 'Let the application list them (UseDirectoryBrowser).')
    }
    return undefined
  },
  describe: () => [],
}

/** `<directoryBrowse>`: listing folders can only be switched off, and is off. */
export const directoryBrowse: Module<never> = { section, create: () => ({}) }
