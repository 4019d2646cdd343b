import { join } from 'node:path'
import { type LoadedHostFile, loadHostFileWith } from '../../../../src/config/host-file/load.ts'
import type { HostConfig } from '../../../../src/config/model.ts'
import { type Problem, problemLine } from '../../../../src/config/problems.ts'
import { modules, sectionsOf } from '../../../../src/site/modules.ts'
import { createFolders } from '../folders.ts'

export const sections = sectionsOf(modules)

export interface HostFileReader {
  /** Loads a host file with this text, beside these further files. */
  load(text: string, files?: Readonly<Record<string, string>>): Promise<LoadedHostFile>
  /** The configuration of a file that has to be good. */
  config(text: string, files?: Readonly<Record<string, string>>): Promise<HostConfig>
  /** Every problem as `line:column: level: text cure`, with the folder as `<folder>`. */
  problems(text: string, files?: Readonly<Record<string, string>>): Promise<readonly string[]>
  /** The folder of the file that was loaded last. */
  folder(): string
}

export const environment = { SITES: '/srv/sites' }

/** Loads host files from folders of their own, which are removed after each test. */
export function createReader(): HostFileReader {
  const createFolder = createFolders()
  let folder = ''
  const load: HostFileReader['load'] = (text, files = {}) => {
    folder = createFolder({ ...files, 'ancmd.config': text })
    return loadHostFileWith(join(folder, 'ancmd.config'), { environment, sections })
  }
  const line = (problem: Problem): string => {
    return problemLine(problem).replace(`${folder}/ancmd.config:`, '').replaceAll(folder, '<folder>')
  }
  return {
    load,
    config: async (text, files) => {
      const { config } = await load(text, files)
      if (!config.ok) throw new Error(config.failure.map(line).join('\n'))
      return withoutPlaces(config.value)
    },
    problems: async (text, files) => {
      const { config, notices } = await load(text, files)
      return (config.ok ? notices : config.failure).map(line)
    },
    folder: () => folder,
  }
}

/** Without the places of bindings, which most tests do not look at. */
function withoutPlaces(config: HostConfig): HostConfig {
  const sites = config.sites.map((each) => ({ ...each, bindings: each.bindings.map(({ at: _at, ...rest }) => rest) }))
  return { ...config, sites }
}

/** A host file on one line with these elements in `<configuration>`. */
export function hostFile(sites: string, around = ''): string {
  return `<configuration>${around}<system.applicationHost><sites>${sites}</sites></system.applicationHost></configuration>`
}

/** A `<site>` with an application for `/`; `more` goes into it. */
export function site(bindings: string, more = '', attributes = 'name="www" id="1"'): string {
  return `<site ${attributes}>${rootApplication}${more}<bindings>${bindings}</bindings></site>`
}

export const rootApplication =
  '<application path="/"><virtualDirectory path="/" physicalPath="/srv/www" /></application>'

export function binding(information: string, more = '', protocol = 'http'): string {
  return `<binding protocol="${protocol}" bindingInformation="${information}" ${more} />`
}
