import { rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Daemon } from './daemon.ts'
import { eventually } from './eventually.ts'
import type { Received } from './send.ts'

// What a deployment does to the folder of an app that is hosted.

export const offlinePage = 'The app is offline.'

/** Writes app_offline.htm, under that name or another spelling of it. */
export async function dropOfflineFile(
  folder: string,
  page: string | Uint8Array = offlinePage,
  name = 'app_offline.htm',
): Promise<void> {
  await writeFile(join(folder, name), page)
}

export async function removeOfflineFile(folder: string, name = 'app_offline.htm'): Promise<void> {
  await rm(join(folder, name))
}

/**
 * Expects the answer of an offline application: the unchanged page, without the header fields Retry-After and
 * Cache-Control.
 */
export function expectPage(answer: Received, page: string | Buffer = offlinePage): void {
  expect(answer.status).toBe(503)
  expect(answer.reason).toBe('Service Unavailable')
  expect(answer.field('Content-Type')).toEqual(['text/html'])
  expect(answer.body.equals(Buffer.from(page))).toBe(true)
  for (const name of ['Retry-After', 'Cache-Control']) expect(answer.field(name)).toEqual([])
}

/** Sets a file's times to now without changing its contents. */
export async function touch(file: string): Promise<void> {
  const now = new Date()
  await utimes(file, now, now)
}

/** Replaces a file in one step, as careful editors and deployments do. */
export async function renameOver(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

/** Repeats a request until its answer has this status; resolves with that answer. */
export function answerOf(daemon: Daemon, status: number, target = '/HelloWorld'): Promise<Received> {
  return eventually(`${target} is answered with ${String(status)}`, async () => {
    const answer = await daemon.send(target)
    return answer.status === status ? answer : undefined
  })
}

/** Repeats a request until a process other than `before` answers; resolves with its id. Every answer must be a 200. */
export function nextProcessId(daemon: Daemon, before: number): Promise<number> {
  return eventually(`another process than ${String(before)} answers`, async () => {
    const pid = await daemon.processId()
    return pid === before ? undefined : pid
  })
}
