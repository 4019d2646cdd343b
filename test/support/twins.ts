import { beforeAll, describe } from 'vitest'
import { type Daemon, type DaemonOptions, startDaemon } from './daemon.ts'
import { dotnetApp, hasDotnet } from './dotnet-apps.ts'
import { copyApp, editWebConfig, type WebConfigEdit } from './folders.ts'

export interface TwinOptions extends DaemonOptions {
  readonly edit?: WebConfigEdit
  readonly only?: 'node' | 'dotnet'
}

const twins = [
  { kind: 'node', name: 'Node app', runs: true, copy: () => copyApp('node-twin') },
  { kind: 'dotnet', name: 'ASP.NET Core app', runs: hasDotnet, copy: () => dotnetApp('test-app') },
] as const

/**
 * Runs the same tests with both test apps, the Node app and the ASP.NET Core app; the tests of one app share a daemon.
 */
export function withEachTwin(
  title: string,
  options: TwinOptions,
  tests: (daemon: () => Daemon, kind: 'node' | 'dotnet') => void,
): void {
  for (const { kind, name, runs, copy } of twins) {
    if (options.only !== undefined && options.only !== kind) continue
    describe.skipIf(!runs)(`${title}, ${name}`, () => {
      let daemon: Daemon
      beforeAll(async () => {
        const folder = await copy()
        if (options.edit !== undefined) await editWebConfig(folder, options.edit)
        daemon = await startDaemon(folder, options)
      })
      tests(() => daemon, kind)
    })
  }
}
