import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSectionReports } from '../../../../src/config/report/read-section-reports.ts'
import { sectionLines } from '../../../../src/config/report/section-report.ts'
import { openElement } from '../../../../src/config/xml/element.ts'
import { createFolders } from '../folders.ts'

const folderOf = createFolders()
const readers = [{ section: 'security/shop', shape: openElement, read: () => undefined, describe: () => [] }]

async function standings(hostFile: string): Promise<readonly string[]> {
  const folder = folderOf({ 'ancmd.config': hostFile })
  const reports = await readSectionReports({ hostFile: join(folder, 'ancmd.config'), folders: [] }, readers)
  return reports.map(({ section, lines, standing }) => `${section} ${lines.join('+')} ${standing}`)
}

describe('what a file says', () => {
  test('of a host file names the sections of both groups, also inside locations', async () => {
    expect(
      await standings(
        '<configuration><configSections />\n<system.applicationHost><sites /><log /></system.applicationHost>\n' +
          '<location path="www"><system.webServer><security><shop /></security><rewrite /></system.webServer></location>\n' +
          '<ancmd /><webFarms /><system.web /></configuration>',
      ),
    ).toEqual([
      'sites 2 honoured',
      'log 2 meaningless',
      'security/shop 3 honoured',
      expect.stringMatching(/^rewrite 3 (?:coming|unknown)$/),
      'ancmd 4 honoured',
      'webFarms 4 meaningless',
      'system.web 4 meaningless',
    ])
  })

  test('of a file that cannot be read is nothing, as its problem is told by whoever loads it', async () => {
    expect(await standings('<configuration>')).toEqual([])
    const folders = [folderOf({}), folderOf({ 'web.config': '<oops' })]
    expect(await readSectionReports({ hostFile: undefined, folders }, readers)).toEqual([])
  })

  test('is shown with three lines at most', () => {
    const report = { file: '/a', section: 'cors', lines: [1, 2, 3, 4], standing: 'coming', reason: 'No.' } as const
    expect(sectionLines([report])).toEqual(['sections of /a', '  cors (lines 1, 2, 3, …)  coming: No.'])
  })
})
