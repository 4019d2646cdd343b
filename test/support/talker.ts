import { copyApp, editWebConfig } from './folders.ts'

/** A folder of the app that writes what it is told to, with a stdout log if it is wanted. */
export async function talker(stdoutLogEnabled = false): Promise<string> {
  const folder = await copyApp('talker')
  await editWebConfig(folder, { attributes: { stdoutLogEnabled: String(stdoutLogEnabled) } })
  return folder
}
