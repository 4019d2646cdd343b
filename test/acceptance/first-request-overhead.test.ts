import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { DirectApp } from '../support/direct-app.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp } from '../support/folders.ts'
import { send } from '../support/send.ts'

/** Runs of each kind, one after the other, in turn. */
const rounds = 7

const apps = [
  { name: 'Node app', runs: true, program: 'node', args: ['server.mjs'], copy: () => copyApp('node-twin') },
  {
    name: 'ASP.NET Core app',
    runs: hasDotnet,
    program: 'dotnet',
    args: ['TestApp.dll'],
    copy: () => dotnetApp('test-app'),
  },
]

// Prints how much later the first answer comes through the front than from the app alone. Nothing is asserted of time:
// what another program does on this machine just now must not decide a test.
describe('the first request', () => {
  test.for(apps)('costs the front little, $name', async ({ name, runs, program, args, copy }, { skip }) => {
    skip(!runs, 'there is no .NET SDK')
    const folder = await copy()
    const alone: number[] = []
    const fronted: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const begin = performance.now()
      const app = await DirectApp.start(program, args, folder)
      const direct = await send(app.url, '/', { headers: { 'MS-ASPNETCORE-TOKEN': app.token } })
      alone.push(performance.now() - begin)
      expect(direct.text).toBe('Running')
      await app.end()

      const daemon = await startDaemon(folder)
      const asked = performance.now()
      expect(await daemon.text('/')).toBe('Running')
      fronted.push(performance.now() - asked)
      await daemon.end()
    }
    const overhead = median(fronted) - median(alone)
    console.log(
      `first answer, ${name}: ${shown(median(alone))} alone, ${shown(median(fronted))} behind the front; overhead ${shown(overhead)}`,
    )
    expect(alone.length + fronted.length).toBe(2 * rounds)
  })
})

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function shown(ms: number): string {
  return `${ms.toFixed(1)} ms`
}
