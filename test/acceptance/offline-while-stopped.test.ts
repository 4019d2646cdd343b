import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ancmd, type Finished, startDaemon } from '../support/daemon.ts'
import { copyApp } from '../support/folders.ts'

test('online, without a name, does not say of a stopped application with an app_offline.htm that it is not offline', async () => {
  const folder = await copyApp('node-twin')
  const daemon = await startDaemon(folder)
  const verb = (...args: readonly string[]): Promise<Finished> =>
    ancmd(args, { environment: { RUNTIME_DIRECTORY: daemon.runtimeFolder } })
  await verb('offline', '--wait')
  await verb('stop', '--wait')
  const { code, stdout } = await verb('online', '--wait')
  expect([code, stdout]).toEqual([0, "/: it is stopped. 'ancmd start' starts it.\n"])
  await access(join(folder, 'app_offline.htm'))
})
