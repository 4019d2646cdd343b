import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type LoadedHostFile, loadHostFileWith } from '../../../../src/config/host-file/load.ts'
import type { HostConfig } from '../../../../src/config/model.ts'
import { problemLine } from '../../../../src/config/problems.ts'
import { modules, sectionsOf } from '../../../../src/site/modules.ts'
import { createFolders } from '../folders.ts'

const createFolder = createFolders()
const sections = sectionsOf(modules)

function load(text: string, environment: Readonly<Record<string, string>> = {}): Promise<LoadedHostFile> {
  return loadHostFileWith(join(createFolder({ 'ancmd.config': text }), 'ancmd.config'), { environment, sections })
}

async function configOf(text: string, environment: Readonly<Record<string, string>> = {}): Promise<HostConfig> {
  const { config } = await load(text, environment)
  if (!config.ok) throw new Error(config.failure.map(problemLine).join('\n'))
  return config.value
}

describe('a host file', () => {
  test('becomes sites with bindings and applications, in file order', async () => {
    const { sites } = await configOf(`<configuration><system.applicationHost><sites>
      <site name="www" id="1">
        <application path="/"><virtualDirectory path="/" physicalPath="/srv/www" /></application>
        <application path="/api"><virtualDirectory path="/" physicalPath="/srv/api" /></application>
        <bindings><binding protocol="http" bindingInformation="*:80:" /></bindings>
      </site>
      <site name="intranet" id="2" serverAutoStart="false">
        <application path="/"><virtualDirectory path="/" physicalPath="/srv/intranet" /></application>
        <bindings><binding protocol="http" bindingInformation="[::1]:8080:Intranet" /></bindings>
      </site></sites></system.applicationHost></configuration>`)
    const pool = expect.objectContaining({ name: 'DefaultAppPool', autoStart: true }) as unknown
    expect(sites).toMatchObject([
      {
        name: 'www',
        id: 1,
        bindings: [{ protocol: 'http', address: undefined, port: 80, hostName: '' }],
        applications: [
          { path: '/', physicalPath: '/srv/www', pool },
          { path: '/api', physicalPath: '/srv/api', pool },
        ],
      },
      {
        name: 'intranet',
        id: 2,
        serverAutoStart: false,
        bindings: [{ protocol: 'http', address: '::1', port: 8080, hostName: 'intranet' }],
        applications: [{ path: '/', physicalPath: '/srv/intranet', pool }],
      },
    ])
  })

  test('that is not there is an error that names it, and is among the files to watch', async () => {
    const missing = join(createFolder({}), 'none.config')
    const { config, files } = await loadHostFileWith(missing, { environment: {}, sections })
    expect(files).toEqual([missing])
    expect(config.ok ? [] : config.failure.map(({ text }) => text)).toEqual([`There is no file ${missing}.`])
  })
})
