import type { WebConfig } from '../../../config/model.ts'
import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import { type SectionReader, settingsOf } from '../../../config/sections/section-reader.ts'
import { readTarget } from '../../../http/target.ts'
import { bool, matching, string } from '../../../platform/schema.ts'
import type { Module } from '../module.ts'
import type { InitializationPage } from './warm-up.ts'

export interface ApplicationInitializationSettings {
  /** In file order. */
  readonly pages: readonly InitializationPage[]
}

const table: CollectionTable<InitializationPage> = {
  what: 'initialization page',
  kinds: {
    initializationPage: matching(
      'a path of the application, such as /warmup',
      (written) => written !== '' && !written.includes('://') && readTarget('GET', absolute(written)).ok,
      '\\S+',
    ),
    hostName: matching('a host name', (written) => /^[^\s/@]*$/.test(written), '[^\\s/@]*'),
  },
  required: ['initializationPage'],
  key: ['initializationPage'],
  defaults: { hostName: '' },
  attributes: {
    kinds: { remapManagedRequestsTo: string(), skipManagedModules: bool(), doAppInitAfterRestart: bool() },
    defaults: { remapManagedRequestsTo: '', skipManagedModules: false },
  },
}

const section: SectionReader<ApplicationInitializationSettings> = {
  section: 'applicationInitialization',
  shape: collectionShape(table),
  read: (elements, { problems }) => {
    const pages = readCollection(elements, table, problems).map(({ values }) => {
      const { initializationPage = '/', hostName = '' } = values
      return { initializationPage: absolute(initializationPage), hostName }
    })
    const remap = elements.at(-1)?.attributes.get('remapManagedRequestsTo')
    if (remap !== undefined && remap.value !== '') {
      const text =
        'remapManagedRequestsTo means nothing here: requests wait until the application is initialized, or go to the process before it.'
      problems.notice(remap.at, text, 'Leave it out.')
    }
    return pages.length === 0 ? undefined : { pages }
  },
  describe: ({ pages }) =>
    pages.map(({ initializationPage }) => ['asked for after a start', initializationPage] as const),
}

/**
 * `<applicationInitialization>`: pages that each new process is asked for before it gets requests; so the first request
 * finds it warm, and a recycle takes over when it is. The host asks for them, when a process listens.
 */
export const applicationInitialization: Module<ApplicationInitializationSettings> = {
  section,
  nativeName: 'ApplicationInitializationModule',
  create: () => ({}),
}

/** The pages of this configuration; empty: there are none, or `<modules>` has removed the module. */
export function initializationPagesOf(web: Pick<WebConfig, 'sections'>): readonly InitializationPage[] {
  return settingsOf(web, section)?.pages ?? []
}

function absolute(page: string): string {
  return page.startsWith('/') ? page : `/${page}`
}
