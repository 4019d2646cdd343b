import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadHostFileWith } from '../../../../src/config/host-file/load.ts'
import type { HostConfig } from '../../../../src/config/model.ts'
import { problemLine } from '../../../../src/config/problems.ts'
import { sections } from './read.ts'

const folder = fileURLToPath(new URL('../../../../config/samples/', import.meta.url))
const names = readdirSync(folder).filter((name) => name.endsWith('.config'))

async function sample(name: string): Promise<HostConfig> {
  const { config } = await loadHostFileWith(folder + name, { environment: {}, sections })
  if (!config.ok) throw new Error(config.failure.map(problemLine).join('\n'))
  return config.value
}

describe('the samples', () => {
  test.each(names)('%s can be used, and nothing in it is lost', async (name) => {
    const { config, notices } = await loadHostFileWith(folder + name, { environment: {}, sections })
    expect(config.ok).toBe(true)
    // An honoured section is reported by its reader, where it has one.
    expect(notices.filter(({ text }) => !text.includes('<security><access>')).map(problemLine)).toEqual([])
  })

  test('are two: one site that redirects to https, and two sites with four applications', async () => {
    expect(names.toSorted()).toEqual(['https.config', 'sites.config'])
    const [https] = (await sample('https.config')).sites
    expect(https?.hsts?.redirectHttpToHttps).toBe(true)
    expect(https?.bindings.map(({ protocol, port }) => [protocol, port])).toEqual([
      ['http', 80],
      ['https', 443],
    ])
    const { sites, trustedProxies } = await sample('sites.config')
    expect(sites.flatMap(({ applications }) => applications.map(({ path, pool }) => [path, pool?.name]))).toEqual([
      ['/', 'shop'],
      ['/api', 'shop'],
      ['/', 'internal'],
      ['/reports', 'internal'],
    ])
    expect(sites.flatMap(({ bindings }) => bindings).map(({ tls }) => tls?.clientCertificates)).toContain('accept')
    expect(trustedProxies).toEqual(['10.0.0.0/28'])
  })
})
