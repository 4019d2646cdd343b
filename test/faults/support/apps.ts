import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { misbehavingApp, temporaryFolder, type WebConfigEdit } from '../../support/folders.ts'

/** An app's folder in which a program of test/apps/misbehave runs with these arguments. */
export function app(commandLine: string, edit: WebConfigEdit = {}): Promise<string> {
  return misbehavingApp('', { ...edit, attributes: { arguments: commandLine, ...edit.attributes } })
}

/** A file that is not there until it is opened: an app's start, or the end of its fault, waits for it. */
export interface Gate {
  readonly file: string
  open(): Promise<void>
}

export async function gate(): Promise<Gate> {
  const file = join(await temporaryFolder(), 'open')
  return { file, open: () => writeFile(file, '') }
}

/** An app with a fault of misbehave.mjs, until the gate is open. */
export async function faultyUntil(opened: Gate, fault: string, edit: WebConfigEdit = {}): Promise<string> {
  return app(`until.mjs ${opened.file} ${fault}`, edit)
}
