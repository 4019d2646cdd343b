import { basename, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadFolder } from '../../../../src/config/web-config/load.ts'
import type { BindingConfig } from '../../../../src/config/model.ts'
import { createFolders, webConfig } from '../folders.ts'

const folder = createFolders()
const bindings: readonly BindingConfig[] = [{ protocol: 'http', address: undefined, port: 0, hostName: '' }]
const load = (path: string, pathBase = '/') => loadFolder({ folder: path, pathBase, bindings })
const good = webConfig('<aspNetCore processPath="dotnet" arguments="Shop.dll" />')

describe('a folder to run', () => {
  test('becomes one site with one application, frozen', async () => {
    const app = folder({ 'web.config': good })
    const loaded = await load(relative(process.cwd(), app), '/shop')
    if (!loaded.ok) throw new Error('refused')
    expect(loaded.value).toEqual({
      sites: [{ name: basename(app), id: 1, bindings, applications: [{ path: '/shop', physicalPath: app }] }],
    })
    const [site] = loaded.value.sites
    expect([loaded.value, loaded.value.sites, site, site?.bindings, site?.applications[0]].every(Object.isFrozen)).toBe(
      true,
    )
  })

  test('is refused when it does not exist or is a file, with the cure', async () => {
    const app = folder({ 'web.config': good })
    const gone = await load(join(app, 'gone'))
    expect(gone).toMatchObject({
      ok: false,
      failure: [{ level: 'error', file: join(app, 'gone'), text: 'There is no such folder.' }],
    })
    const file = await load(join(app, 'web.config'))
    expect(file).toMatchObject({
      ok: false,
      failure: [{ text: 'This is a file, not a folder.', cure: 'Give ancmd the folder that holds it.' }],
    })
    const below = await load(join(app, 'web.config', 'x'))
    expect(below).toMatchObject({ ok: false, failure: [{ text: 'The folder cannot be read (ENOTDIR).' }] })
  })

  test('is taken with a broken web.config, because the application answers 500.19 until that is corrected', async () => {
    const app = folder({ 'web.config': webConfig('<aspNetCore procesPath="dotnet" startupTimeLimit="x" />') })
    const loaded = await load(app)
    expect(loaded.ok && loaded.value.sites[0]?.applications).toEqual([{ path: '/', physicalPath: app }])
  })

  test('is refused without a web.config and without a published application', async () => {
    const loaded = await load(folder({ 'readme.txt': 'x' }))
    expect(loaded.ok ? [] : loaded.failure.map(({ level }) => level)).toEqual(['error'])
  })
})
