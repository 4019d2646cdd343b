import { execFile } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildStartupHooks, hasDotnet } from '../support/dotnet-apps.ts'
import { temporaryFolder, top } from '../support/folders.ts'

const execute = promisify(execFile)

describe.skipIf(!hasDotnet)('the package', () => {
  beforeAll(buildStartupHooks)

  test('holds the startup hooks, for everybody to read', async () => {
    const { stdout } = await execute('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: top })
    const [packed] = JSON.parse(stdout) as { files: { path: string; mode: number }[] }[]
    const hook = packed?.files.find(({ path }) => path === 'dist/hooks/Ancmd.BodyLimit.dll')
    expect((hook?.mode ?? 0) & 0o444).toBe(0o444)
  })
})

describe('without a .NET SDK', () => {
  const script = 'config/scripts/startup-hooks.mjs'

  /** What building the startup hooks comes to in a fresh checkout with nothing on PATH. */
  async function build(...args: string[]): Promise<{ code: number; stderr: string }> {
    const checkout = await temporaryFolder()
    for (const part of [script, 'src/process/hooks']) {
      await mkdir(dirname(join(checkout, part)), { recursive: true })
      await cp(join(top, part), join(checkout, part), { recursive: true })
    }
    const options = { env: { PATH: '/nowhere' }, cwd: checkout }
    return execute(process.execPath, [join(checkout, script), ...args], options).then(
      ({ stderr }) => ({ code: 0, stderr }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
    )
  }

  test('no package is made: it would lack the startup hooks', async () => {
    expect(await build()).toEqual({ code: 1, stderr: expect.stringContaining('The .NET SDK') as string })
  })

  test('a checkout is built all the same, and told what it lacks', async () => {
    expect(await build('--if-possible')).toEqual({
      code: 0,
      stderr: expect.stringContaining('uploads above 30 MB') as string,
    })
  })
})
