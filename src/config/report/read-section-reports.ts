import { readHostFile } from '../host-file/host-file.ts'
import { Problems } from '../problems.ts'
import { HonouredSections } from '../sections/honoured-sections.ts'
import type { SectionReader } from '../sections/section-reader.ts'
import { readWebConfigFile } from '../web-config/web-config-file.ts'
import { reportSections, type SectionReport } from './section-report.ts'

/** The files whose sections are to be reported. */
export interface ReportedFiles {
  /** Absolute; undefined: a folder is hosted. */
  readonly hostFile: string | undefined
  /** Folders of applications, absolute; those without a web.config have no sections. */
  readonly folders: readonly string[]
}

/**
 * How every section of these files stands. A file that cannot be read has none: what is wrong with it is a problem of
 * its loading.
 */
export async function readSectionReports(
  { hostFile, folders }: ReportedFiles,
  readers: readonly SectionReader[],
): Promise<readonly SectionReport[]> {
  const honoured = new HonouredSections(readers)
  const host = hostFile === undefined ? undefined : await readHostFile(hostFile, new Problems())
  const files = await Promise.all([...new Set(folders)].map(readWebConfigFile))
  const roots = [host?.root, ...files.map((file) => (file.ok ? file.value.root : undefined))]
  return roots.flatMap((root) => (root === undefined ? [] : reportSections(root, honoured)))
}
