import { describe, expect, test } from 'vitest'
import { problemLine } from '../../../../src/config/problems.ts'
import { maxAllowedContentLength } from '../../../../src/site/modules/request-filtering/request-filtering.ts'
import { binding, createReader, hostFile, site } from './read.ts'
import { apps, limit, load, location, own } from './shop.ts'

describe('the settings of a part of an application in the host file', () => {
  test('are for a part of the one application that its path lies in', async () => {
    const around =
      location('path="The shop/shop/Images/large"', limit(2)) + location('path="The shop/shop/api/v1"', limit(3))
    const partsOf = async (path: string) => {
      const loaded = await load(around, path, apps)
      const parts = loaded.ok ? (loaded.value.parts ?? []) : []
      return parts.map((part) => [part.path, maxAllowedContentLength(part)])
    }
    expect(await partsOf('/')).toEqual([])
    expect(await partsOf('/shop')).toEqual([['/shop/Images/large', 2]])
    expect(await partsOf('/shop/api')).toEqual([['/shop/api/v1', 3]])
  })

  test('of a part are inherited by it, outermost first, and those of web.config win', async () => {
    const around = `<system.webServer>${limit(1)}</system.webServer>${location('path="The shop/shop/a"', limit(2))}`
    const files = {
      ...apps,
      'shop/web.config': own('', (text) => `${text}${location('path="A/b"', limit(4))}${location('path="c"', '')}`),
      'root/web.config': own(
        '',
        (text) =>
          `<location path="." inheritInChildApplications="false">${text}</location>` +
          location('path="shop/d" inheritInChildApplications="false"', limit(5)),
      ),
    }
    const loaded = await load(around, '/shop', files)
    if (!loaded.ok) throw new Error(loaded.failure.map(problemLine).join('\n'))
    const parts = loaded.value.parts ?? []
    expect(parts.map((part) => [part.path, maxAllowedContentLength(part)])).toEqual([
      ['/shop/a', 2],
      ['/shop/d', 5],
      ['/shop/c', 1],
      ['/shop/A/b', 4],
    ])
  })
})

const fileReader = createReader()

test('a mistake in <aspNetCore> of a <location> is one of the host file, which is then refused as a whole', async () => {
  const around = '<location path="www"><system.webServer><aspNetCore requestTimout="1" /></system.webServer></location>'
  const problems = await fileReader.problems(hostFile(site(binding('*:80:')), around))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(
    /^1:\d+: error: <aspNetCore> has no attribute "requestTimout"\. Did you mean "requestTimeout"\?/,
  )
})
