import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { copyApp, editWebConfig, temporaryFolder } from '../support/folders.ts'

test('the stdout log is rotated by size, keeps no more files than asked for, and loses no line', async () => {
  const logs = await temporaryFolder()
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { attributes: { stdoutLogEnabled: 'true', stdoutLogFile: `${logs}/std` } })
  const args = ['--stdout-log-max-size', '40', '--stdout-log-max-files', '3']
  const daemon = await startDaemon(folder, { args })
  // 'TEST MESSAGE' and a line feed are 13 bytes: three lines a file.
  for (let i = 0; i < 14; i++) await daemon.text('/ConsoleWrite')
  await daemon.stop()
  const names = (await readdir(logs)).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
  expect(names.length).toBeLessThanOrEqual(3)
  for (const name of names) expect(name).toMatch(/^std_\d{14}_\d+(_\d+)?\.log$/)
  const texts = await Promise.all(names.map((name) => readFile(join(logs, name), 'utf8')))
  for (const text of texts) expect(text).toMatch(/^(TEST MESSAGE\n){1,3}$/)
})
