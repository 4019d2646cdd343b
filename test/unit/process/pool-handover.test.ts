import { describe, expect, test } from 'vitest'
import { openThree, take } from './pools.ts'
import { launchOf, openPool } from './support.ts'

describe('a pool that takes over from another', () => {
  test('uses its processes until they are retired one by one, the oldest first; then the other pool is gone', async () => {
    const old = await openThree()
    const made = openPool(launchOf(['serve'], { config: { processesPerApplication: 3 } }))
    expect(await made.pool.start()).toBe(true)
    made.pool.adopt(old.pool)
    const gone = old.pool.retire('recycle')
    expect(made.pool.ready).toBe(4)
    expect(old.pool.take()).toBeUndefined()
    const all = new Set(Array.from({ length: 4 }, () => take(made)))
    expect(all.size).toBe(4)
    for (const lease of all) lease.release()
    // Nothing else is started as long as there are enough.
    expect(made.outputs).toHaveLength(1)

    made.pool.retireAdopted('recycle', 1)
    expect(made.pool.ready).toBe(3)
    await old.ears.until('processExited')
    made.pool.retireAdopted('recycle', 3)
    await gone
    expect(old.pool.status).toEqual([])
    expect(old.channels.map(({ retired, closed }) => [retired, closed])).toEqual([
      [true, 1],
      [true, 1],
      [true, 1],
    ])
    expect(made.pool.ready).toBe(1)
  })

  test.each(['retire', 'destroy'] as const)('ends them with its own at %s', async (how) => {
    const old = await openThree()
    const made = openPool(launchOf(['serve']))
    await made.pool.start()
    made.pool.adopt(old.pool)
    const gone = old.pool.retire('recycle')
    if (how === 'retire') await made.pool.retire('offline')
    else made.pool.destroy()
    await gone
    expect(old.ears.all('processExited')).toHaveLength(3)
  })

  test('hands on the processes that it had adopted itself', async () => {
    const [first, second, third] = [await openThree(), openPool(launchOf(['serve'])), openPool(launchOf(['serve']))]
    await second.pool.start()
    second.pool.adopt(first.pool)
    void first.pool.retire('recycle')
    second.pool.retireAdopted('recycle', 2)
    await third.pool.start()
    third.pool.adopt(second.pool)
    const gone = second.pool.retire('recycle')
    expect(third.pool.ready).toBe(3)
    third.pool.retireAdopted('recycle', 1)
    await first.ears.until('processExited', 3)
    expect(third.pool.ready).toBe(2)
    third.pool.retireAdopted('recycle', 1)
    await gone
  })

  test('tells whether a process could be started', async () => {
    const made = openPool(launchOf(['exit', '7', '0']))
    expect(await made.pool.start()).toBe(false)
  })
})
