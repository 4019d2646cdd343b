import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { elf } from '../support/elf.ts'
import type { DaemonEvent } from '../support/event-log.ts'
import { copyApp, editWebConfig, misbehavingApp } from '../support/folders.ts'
import type { Received } from '../support/send.ts'

async function failing(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ answer: Received; failure: DaemonEvent }> {
  const daemon = await startDaemon(folder, { environment })
  const answer = await daemon.send('/HelloWorld')
  return { answer, failure: await daemon.event('processStartFailed') }
}

describe('a start that fails says what to do about it, as ancmd doctor does, in the event and on the page', () => {
  const details = { ASPNETCORE_ENVIRONMENT: 'Development' }

  test.skipIf(!hasDotnet)('an ASP.NET Core app that asks for a runtime which is not installed', async () => {
    const folder = await dotnetApp('web')
    const file = join(folder, 'web.runtimeconfig.json')
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(/("Microsoft\.AspNetCore\.App",\s*"version": ")[^"]+/, '$199.0.0'),
    )
    const { answer, failure } = await failing(folder, details)
    const advice = (failure['advice'] as string[]).join('\n')
    expect(advice).toContain('asks for Microsoft.AspNetCore.App 99.0.0')
    expect(advice).toMatch(/(?:aspnetcore-runtime-99\.0|--runtime aspnetcore --channel 99\.0)/)
    expect(failure.msg).toContain('99.0')
    expect(answer.body.toString()).toMatch(/--channel 99\.0|aspnetcore-runtime-99\.0/)
  })

  test('a program that was built for Alpine', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { processPath: '.\\tool', arguments: '' } })
    await writeFile(join(folder, 'tool'), elf({ machine: 0x3e, interpreter: '/lib/ld-musl-nowhere.so.1' }), {
      mode: 0o755,
    })
    const { failure } = await failing(folder)
    expect(failure['cause']).toBe('spawn-failed')
    expect((failure['advice'] as string[]).join()).toContain('built for Alpine (linux-musl)')
  })

  test('an app that says that inotify instances are used up', async () => {
    const text = 'The configured user limit (128) on the number of inotify instances has been reached'
    const { failure } = await failing(await misbehavingApp(`exit 3 50 "${text}"`))
    expect((failure['advice'] as string[]).join()).toContain('sysctl -w fs.inotify.max_user_instances=')
  })

  test('a client that may not see details is told nothing of it', async () => {
    const { answer, failure } = await failing(await misbehavingApp(`exit 3 50 "GC heap initialization failed"`))
    expect(failure['advice']).not.toEqual([])
    expect(answer.body.toString()).not.toContain('DOTNET_GCHeapHardLimit')
  })
})
