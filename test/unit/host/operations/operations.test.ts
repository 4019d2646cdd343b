import { expect, test } from 'vitest'
import type { SiteConfig } from '../../../../src/config/model.ts'
import { type OperatedSites, Operations } from '../../../../src/host/operations/operations.ts'
import { deferred } from '../../../../src/platform/deferred.ts'

const [root, api] = ['/LM/W3SVC/1/ROOT', '/LM/W3SVC/1/ROOT/api']

/** Sites of which every application is stopped; its last process ends when the test says so. */
function stoppedSites({ serverAutoStart }: { readonly serverAutoStart?: boolean } = {}) {
  const done: string[] = []
  const ends = deferred<undefined>()
  let isRunning = true
  const site = { name: 'www', id: 1, bindings: [], applications: [], serverAutoStart } as unknown as SiteConfig
  const sites: OperatedSites = {
    hosted: (id) => {
      const known = [root, api].find((each) => each.toLowerCase() === id.toLowerCase())
      return known === undefined
        ? undefined
        : { id: known, site, config: { physicalPath: '/nowhere' }, open: undefined }
    },
    stop: (id) => {
      done.push(`stop ${id}`)
    },
    start: (id) => {
      done.push(`start ${id}`)
      return Promise.resolve()
    },
    gone: async (id) => {
      if (id === root) await ends.promise
      done.push(`gone ${id}`)
    },
  }
  const operations = new Operations(
    sites,
    () => isRunning,
    async (act) => {
      await act()
    },
  )
  const end = (): void => {
    ends.resolve(undefined)
  }
  const shutDown = (): void => {
    isRunning = false
  }
  return { operations, done, end, shutDown }
}

test('a stop is over when the last process has ended, not before', async () => {
  const { operations, done, end } = stoppedSites()
  let isOver = false
  const stopped = operations.carryOut('stop', root.toLowerCase(), {}).then((outcome) => {
    isOver = true
    return outcome
  })
  await new Promise(setImmediate)
  expect([done, isOver]).toEqual([[`stop ${root}`], false])
  end()
  expect(await stopped).toMatchObject({ ok: true, value: { presence: 'stopped', pids: [] } })
  expect(done).toEqual([`stop ${root}`, `gone ${root}`])
})

test('operations on one application follow each other, those on another one do not wait', async () => {
  const { operations, done, end } = stoppedSites()
  const both = [operations.carryOut('stop', root, {}), operations.carryOut('start', root.toUpperCase(), {})]
  await operations.carryOut('stop', api, {})
  expect(done).toEqual([`stop ${root}`, `stop ${api}`, `gone ${api}`])
  end()
  await Promise.all(both)
  expect(done.slice(3)).toEqual([`gone ${root}`, `gone ${root}`, `start ${root}`])
})

test('an operation that cannot be says why, and the next one is carried out all the same', async () => {
  const { operations, shutDown } = stoppedSites()
  const why = async (operation: Parameters<Operations['carryOut']>[0], id: string): Promise<string> => {
    const outcome = await operations.carryOut(operation, id, {})
    return outcome.ok ? 'done' : outcome.failure.why
  }
  expect(await why('recycle', '/LM/W3SVC/9/ROOT')).toBe('unknown-application')
  expect(await why('recycle', api)).toBe('stopped')
  expect(await why('online', api)).toBe('stopped')
  expect(await why('stop', api)).toBe('done')
  shutDown()
  expect(await why('stop', api)).toBe('not-running')
})

test('an application of a stopped site is not started', async () => {
  const { operations, done } = stoppedSites({ serverAutoStart: false })
  expect(await operations.carryOut('start', api, {})).toEqual({ ok: false, failure: { why: 'site-stopped' } })
  expect(await operations.carryOut('recycle', api, {})).toEqual({ ok: false, failure: { why: 'site-stopped' } })
  expect(done).toEqual([])
})
