import { describe, expect, test } from 'vitest'
import { deferred } from '../../../src/platform/deferred.ts'
import { ChangeQueue, type Supersession } from '../../../src/site/changes/change-queue.ts'

function open() {
  const bugs: unknown[] = []
  const done: string[] = []
  const changes = new ChangeQueue((error) => void bugs.push(error))
  const note = (what: string) => (): Promise<void> => {
    done.push(what)
    return Promise.resolve()
  }
  /** Resolves when everything that was added so far is over. */
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return { changes, bugs, done, note, settled }
}

describe('changes of an application', () => {
  test('happen one after the other', async () => {
    const { changes, done, note, settled } = open()
    const first = deferred<undefined>()
    changes.add(async () => {
      await first.promise
      done.push('first')
    })
    changes.add(note('second'))
    await settled()
    expect(done).toEqual([])
    first.resolve(undefined)
    await settled()
    expect(done).toEqual(['first', 'second'])
  })

  test('go on after a bug, which is reported', async () => {
    const { changes, bugs, done, note, settled } = open()
    changes.add(() => Promise.reject(new Error('a bug')))
    changes.add(note('next'))
    await settled()
    expect(bugs).toEqual([new Error('a bug')])
    expect(done).toEqual(['next'])
  })

  test('do not begin after the end, and the one under way is told that it is superseded', async () => {
    const { changes, done, note, settled } = open()
    changes.add(async () => {
      await changes.runSupersedable(({ superseded }) => superseded)
      changes.defer(note('owed'))
    })
    changes.add(note('never'))
    await Promise.resolve()
    changes.end()
    changes.add(note('never either'))
    await settled()
    expect(done).toEqual([])
  })

  test('tell the one under way that it is superseded', async () => {
    const { changes, done, note, settled } = open()
    let haste: Supersession | undefined
    changes.add(async () => {
      await changes.runSupersedable((given) => {
        haste = given
        return given.superseded
      })
      done.push('hurried')
    })
    await settled()
    expect(haste?.isSuperseded()).toBe(false)
    changes.add(note('next'))
    expect(haste?.isSuperseded()).toBe(true)
    await settled()
    expect(done).toEqual(['hurried', 'next'])
  })

  test('that wait already supersede one that begins its long part', async () => {
    const { changes, done, note, settled } = open()
    changes.add(async () => {
      const came = await changes.runSupersedable<string>(({ superseded, isSuperseded }) =>
        isSuperseded() ? superseded : Promise.resolve('not hurried'),
      )
      done.push(String(came))
    })
    changes.add(note('next'))
    await settled()
    expect(done).toEqual(['superseded', 'next'])
  })

  test('that are deferred are made when none waits any more, unless another one drops them', async () => {
    const { changes, done, note, settled } = open()
    changes.add(() => {
      changes.defer(note('owed'))
      return Promise.resolve()
    })
    changes.add(note('next'))
    await settled()
    expect(done).toEqual(['next', 'owed'])
    changes.add(() => {
      changes.defer(note('settled'))
      return Promise.resolve()
    })
    changes.add(() => {
      changes.dropDeferred()
      return Promise.resolve()
    })
    changes.add(note('last'))
    await settled()
    expect(done).toEqual(['next', 'owed', 'last'])
  })
})
