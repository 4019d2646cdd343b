import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadWebConfig } from '../../../src/config/web-config/web-config.ts'
import { modules, sectionsOf } from '../../../src/site/modules.ts'
import { deferred } from '../../../src/platform/deferred.ts'
import type { ProcessStatus } from '../../../src/process/process-status.ts'
import { eventually } from '../../support/eventually.ts'
import { copyApp } from '../../support/folders.ts'

import { delayed, isOver, open, turns } from './applications.ts'

const sections = sectionsOf(modules)

describe('an application that is closed', () => {
  test('resolves when every process has ended, those of earlier recycles included, and closes its log last', async () => {
    const { application, clock, pool, recycled, told, logsClosed } = await open()
    await recycled()
    const closed = application.close()
    await turns()
    clock.advance(10_000)
    await turns()
    expect(pool(1).calls).toEqual(['retire host-stopping'])
    expect(told('configAccepted')).toEqual([])
    pool(1).gone.resolve(undefined)
    expect(await isOver(closed)).toBe(false)
    expect(logsClosed()).toBe(0)
    pool(0).gone.resolve(undefined)
    await closed
    expect(logsClosed()).toBe(1)
  })

  test('serves requests during its shutdownDelay, and then its processes are asked to end', async () => {
    const { application, clock, pool } = await open({ folder: await delayed() })
    void application.close()
    await turns()
    clock.advance(299)
    await turns()
    expect(pool(0).calls).toEqual([])
    clock.advance(1)
    await turns()
    expect(pool(0).calls).toEqual(['retire host-stopping'])
  })

  test('does not stop gracefully when it is destroyed during that delay', async () => {
    const { application, clock, pool } = await open({ folder: await delayed() })
    const closed = application.close()
    application.destroy()
    clock.advance(10_000)
    await closed
    expect(pool(0).calls).toEqual(['destroy'])
  })

  test('ignores recycles and changes of its files', async () => {
    const { application, physicalPath, clock, pools, told } = await open()
    void application.close()
    application.recycle('too late')
    await writeFile(join(physicalPath, 'app_offline.htm'), 'too late')
    await turns()
    clock.advance(10_000)
    await turns()
    expect(pools).toHaveLength(1)
    expect([...told('applicationRecycled'), ...told('applicationOffline')]).toEqual([])
  })

  test('while it loads its web.config opens no presence for it', async () => {
    const { application, physicalPath, pools, pool } = await open()
    application.recycle('it was asked for')
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    const closed = application.close()
    pool(0).gone.resolve(undefined)
    await closed
    // Longer than the reading takes.
    await loadWebConfig({ physicalPath, virtualPath: '/', parents: [], environment: {}, sections })
    await turns()
    expect(pools).toHaveLength(1)
  })

  test('while it is being recycled does not use the new processes, and waits for their end', async () => {
    const came = deferred<boolean>()
    const { application, clock, pools, pool, told } = await open({ ready: 1, starts: came.promise })
    application.recycle('it was asked for')
    await eventually('there are new processes', () => pools.length === 2)
    const closed = application.close()
    await turns()
    clock.advance(10_000)
    await turns()
    came.resolve(true)
    pool(0).gone.resolve(undefined)
    await turns()
    expect(told('applicationRecycled')).toEqual([])
    expect(pool(1).calls.at(-1)).toMatch(/^retire/)
    expect(await isOver(closed)).toBe(false)
    pool(1).gone.resolve(undefined)
    await closed
  })
})

describe('an application that is destroyed', () => {
  test('ends draining processes as well', async () => {
    const { application, pool, recycled } = await open()
    await recycled()
    await recycled(2)
    application.destroy()
    for (const at of [0, 1, 2]) expect(pool(at).calls.at(-1)).toBe('destroy')
  })

  test('while it is being recycled ends the new processes, too', async () => {
    const { application, pools, pool } = await open({ ready: 1, starts: deferred<boolean>().promise })
    application.recycle('it was asked for')
    await eventually('there are new processes', () => pools.length === 2)
    application.destroy()
    await eventually('they are ended', () => pool(1).calls.includes('destroy'))
    expect(pool(0).calls).toContain('destroy')
  })
})

describe('status of an application', () => {
  test('lists draining processes behind those that serve, until they have ended', async () => {
    const { application, pool, recycled } = await open()
    const shown = (pid: number): ProcessStatus => {
      return { state: 'running', pid, port: 1, uptimeMs: 0, requests: 0, tunnels: 0 }
    }
    await recycled()
    for (const at of [0, 1]) pool(at).status.push(shown(at))
    expect(application.status.processes.map(({ pid }) => pid)).toEqual([1, 0])
    pool(0).gone.resolve(undefined)
    await turns()
    expect(application.status.processes.map(({ pid }) => pid)).toEqual([1])
  })
})

describe('a web.config that breaks', () => {
  test.each([
    [false, 'faulted', ['retire recycle']],
    [true, 'serving', []],
  ] as const)('is answered with 500.19, or the application keeps the old configuration (%s)', async (keeps, name, calls) => {
    const { application, physicalPath, until, pool, told } = await open({ keepsOnBrokenConfig: keeps })
    await writeFile(join(physicalPath, 'web.config'), '<configuration>')
    application.recycle('it was asked for')
    await until('configRejected')
    expect(application.status.presence).toBe(name)
    expect(told('configRejected')).toMatchObject([{ kept: keeps, file: join(physicalPath, 'web.config') }])
    expect(pool(0).calls).toEqual(calls)
  })

  test('is logged, and also that it is corrected', async () => {
    const folder = await copyApp('node-twin')
    const good = join(await copyApp('node-twin'), 'web.config')
    await writeFile(join(folder, 'web.config'), '<configuration>')
    const { application, until, told } = await open({ folder })
    expect(application.status.presence).toBe('faulted')
    await writeFile(join(folder, 'web.config'), await readFile(good))
    application.recycle('it was asked for')
    await until('configAccepted')
    expect(application.status.presence).toBe('serving')
    expect(told('applicationRecycled')).toEqual([])
  })
})
