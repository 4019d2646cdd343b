import { cp, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, describe, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp, editWebConfig, temporaryFolder } from '../support/folders.ts'
import { isAlive } from '../support/processes.ts'
import { withEachTwin } from '../support/twins.ts'

describe('the first request', () => {
  test('start-basic: nothing runs before it, one process answers it and the next', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    expect(daemon.descendants).toEqual([])

    expect(await daemon.text('/')).toBe('Running')
    const started = await daemon.event('processStarted')
    expect(started.eventId).toBe(1001)
    expect(await daemon.processId()).toBe(started['pid'])
    expect(isAlive(Number(started['pid']))).toBe(true)
    expect(await readFile(`/proc/${String(started['pid'])}/comm`, 'utf8')).toMatch(/^node\b/)
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })

  test('a slow start makes requests wait, and none is lost', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { arguments: '.\\server.mjs --start-delay 1500' } })
    const daemon = await startDaemon(folder)
    const answers = await Promise.all(Array.from({ length: 20 }, () => daemon.text('/HelloWorld')))
    expect(new Set(answers)).toEqual(new Set(['Hello World']))
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })

  test('start-time-limit: an app that is slow on its first request, not in its start, is within the limit', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, {
      attributes: { startupTimeLimit: '10', requestTimeout: '00:01:00' },
      environment: { ANCMTestStartUpDelay: '1500' },
    })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/DoSleep100')).toBe('Running')
  })
})

withEachTwin('200 first requests at once', {}, (daemon) => {
  test('start one process and all get their answer', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => daemon().send('/ProcessId')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(daemon().seen('processStarted')).toHaveLength(1)
  })
})

describe('the command line of web.config', () => {
  const node = process.execPath

  test.each([
    ['node', './server.mjs'],
    ['node', '.\\server.mjs'],
    ['node.exe', '.\\server.mjs'],
    ['%NODE_FOLDER%/node', '%APP_FOLDER%/server.mjs'],
    ['%node_folder%\\node', '"%APP_FOLDER%\\server.mjs"'],
  ])('process-path-args: %s with %s', async (processPath, args) => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { processPath, arguments: args } })
    const daemon = await startDaemon(folder, { environment: { NODE_FOLDER: dirname(node), APP_FOLDER: folder } })
    expect(await daemon.processId()).toBe((await daemon.event('processStarted'))['pid'])
  })

  test('expand-env-processpath: a variable of the daemon names the program', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { processPath: '%ProgramPath%' } })
    const daemon = await startDaemon(folder, { environment: { ProgramPath: node } })
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
  })

  test('launcher-path-env: ANCM_LAUNCHER_PATH wins over processPath', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { processPath: 'nope' } })
    const daemon = await startDaemon(folder, { environment: { ANCM_LAUNCHER_PATH: node } })
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
  })

  test('launcher-args-env: ANCM_LAUNCHER_ARGS wins over arguments', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { arguments: 'nope' } })
    const daemon = await startDaemon(folder, { environment: { ANCM_LAUNCHER_ARGS: `${folder}/server.mjs` } })
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
  })

  test.each([
    ['.\\server.mjs', ''],
    ['server.mjs extra arguments', 'extra|arguments'],
    ['server.mjs "extra argument"', 'extra argument'],
    ['.\\server.mjs additional "argu\\"ments" ""', 'additional|argu"ments|'],
    ['"./server.mjs" C:\\temp\\ "D:\\some dir\\\\" end', 'C:\\temp\\|D:\\some dir\\|end'],
  ])('webconfig-arg-variations: %s', async (args, seen) => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { arguments: args } })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/CommandLineArgs')).toBe(seen)
  })

  test.each(['bin', 'π ≠ 3·14'])('webconfig-arg-variations: the app lies in the folder %s', async (name) => {
    const folder = await copyApp('node-twin')
    await mkdir(join(folder, name))
    const parts = ['server', 'endpoints', 'integration', 'lifetime', 'modes', 'replies', 'websocket']
    for (const part of [...parts, 'about', 'bodies', 'lives', 'responses']) {
      await cp(join(folder, `${part}.mjs`), join(folder, name, `${part}.mjs`))
      await rm(join(folder, `${part}.mjs`))
    }
    await editWebConfig(folder, { attributes: { arguments: `".\\${name}\\server.mjs" extra` } })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/CommandLineArgs')).toBe('extra')
    expect(await daemon.text('/CurrentDirectory')).toBe(folder)
  })

  test('an app in a folder with a blank and letters beyond ASCII', async () => {
    const folder = join(await temporaryFolder(), 'my ápp ☂')
    await cp(await copyApp('node-twin'), folder, { recursive: true })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/CurrentDirectory')).toBe(folder)
  })
})

describe.skipIf(!hasDotnet)('the command line of a .NET app', () => {
  test.each([
    ['dotnet', '.\\TestApp.dll'],
    ['dotnet.exe', './TestApp.dll'],
    ['dotnet.EXE', 'TestApp.dll'],
    ['.\\TestApp.exe', undefined],
    ['.\\TestApp', undefined],
    ['TestApp.exe', ''],
  ])('dotnet-path-variants: %s %s', async (processPath, args) => {
    const folder = await dotnetApp('test-app')
    await editWebConfig(folder, { attributes: { processPath, arguments: args } })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
  })

  test('dotnet-path-variants: .\\App.exe with a dll and no executable is run by dotnet', async () => {
    const folder = await dotnetApp('test-app')
    await rm(join(folder, 'TestApp'))
    await editWebConfig(folder, { attributes: { processPath: '.\\TestApp.exe', arguments: 'an "extra argument"' } })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/CommandLineArgs')).toBe('an|extra argument')
  })
})
