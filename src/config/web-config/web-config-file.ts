import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { failed, ok, type Result } from '../../platform/result.ts'
import { type Problem, problemAt, shown, wholeFile } from '../problems.ts'
import { transformIn } from '../xml/transform.ts'
import { readXmlFile } from '../xml/xml-file.ts'
import type { XmlElement } from '../xml/xml.ts'

const name = 'web.config'
/** A file that cannot be opened because no file descriptor is free is tried again, for a minute in all. */
const shortage = { codes: ['EMFILE', 'ENFILE'], tries: 240, pauseMs: 250 }

export interface WebConfigFile {
  /** Absolute; also set when there is no such file. */
  readonly path: string
  /** `<configuration>`; undefined when the folder has no such file. */
  readonly root: XmlElement | undefined
}

export interface BadWebConfigFile {
  readonly path: string
  readonly problem: Problem
}

/** Finds a folder's web.config without reading it. A folder that cannot be listed counts as one that has the file. */
export async function findWebConfigFile(folder: string): Promise<{ readonly path: string; readonly isThere: boolean }> {
  try {
    const found = nameIn(await readdir(folder))
    return { path: join(folder, found ?? name), isThere: found !== undefined }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return { path: join(folder, name), isThere: true }
  }
}

/** Reads and parses the web.config of a folder, whose name may have any letter case. Fails with the first problem. */
export async function readWebConfigFile(folder: string): Promise<Result<WebConfigFile, BadWebConfigFile>> {
  for (let triesLeft = shortage.tries; ; triesLeft--) {
    const file = await tryToRead(folder, triesLeft > 0)
    if (file !== 'shortage') return file
    await pause(shortage.pauseMs)
  }
}

async function tryToRead(
  folder: string,
  mayWait: boolean,
): Promise<Result<WebConfigFile, BadWebConfigFile> | 'shortage'> {
  const expected = join(folder, name)
  let path = expected
  try {
    const found = nameIn(await readdir(folder))
    if (found === undefined) return ok({ path, root: undefined })
    path = join(folder, found)
    const root = await readXmlFile(path, 'Put a web.config file in its place.')
    const document = root.ok ? asConfiguration(root.value) : root
    return document.ok ? ok({ path, root: document.value }) : failed({ path, problem: document.failure })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (mayWait && shortage.codes.includes(code)) return 'shortage'
    // A folder or file that was deleted meanwhile counts as one that was never there.
    if (code === 'ENOENT') return ok({ path: expected, root: undefined })
    const cure =
      code === 'EACCES' ? 'Give the user that ancmd runs as the right to read it.' : 'Look at the file system.'
    return failed({ path, problem: problemAt('error', wholeFile(path), `The file cannot be read (${code}).`, cure) })
  }
}

function nameIn(entries: readonly string[]): string | undefined {
  return entries.includes(name) ? name : entries.toSorted().find((entry) => entry.toLowerCase() === name)
}

function asConfiguration(root: XmlElement): Result<XmlElement, Problem> {
  if (root.name !== 'configuration') {
    const text = `The file begins with <${shown(root.name)}>, not with <configuration>.`
    const cure =
      root.name.toLowerCase() === 'configuration'
        ? 'Write <configuration>, in this letter case.'
        : 'Put it inside <configuration><system.webServer>…</system.webServer></configuration>, with its <handlers>.'
    return failed(problemAt('error', root.at, text, cure))
  }
  const transform = transformIn(root)
  if (transform === undefined) return ok(root)
  const text = `This is a transform (${transform.name}), which changes another file, not a configuration itself.`
  const cure = 'Run dotnet publish with the configuration that it is for, and host the folder that it makes.'
  return failed(problemAt('error', transform.at, text, cure))
}
