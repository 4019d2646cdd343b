import { openOrdinaryFile } from '../../platform/files/ordinary-file.ts'
import { failed, type Result } from '../../platform/result.ts'
import { type Problem, problemAt, wholeFile } from '../problems.ts'
import { decodeSource, maxBytes, tooLarge } from '../source-text.ts'
import { parseXml, type XmlElement } from './xml.ts'

/**
 * Reads and parses an XML file. It is checked and read through one handle, so that the file that is read is the one that
 * was checked. Never waits for a pipe or a device. Throws the error of the file system if it cannot be read.
 *
 * @param cure what to do if the path leads to something that is not a file
 */
export async function readXmlFile(path: string, cure: string): Promise<Result<XmlElement, Problem>> {
  try {
    const file = await openOrdinaryFile(path)
    try {
      if ((await file.stat()).size > maxBytes) return failed(tooLarge(path))
      const source = decodeSource(path, await file.readFile())
      return source.ok ? parseXml(source.value) : source
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EISDIR' && code !== 'EFTYPE') throw error
    return failed(problemAt('error', wholeFile(path), 'This is not a file.', cure))
  }
}
