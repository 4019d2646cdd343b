import { expect, test } from 'vitest'
import { deferred } from '../../../../../src/platform/deferred.ts'
import { inTurns } from '../../../../../src/site/modules/authentication/groups/in-turns.ts'

function prepared(patienceMs: number) {
  const acts = new Map<string, ReturnType<typeof deferred<string>>>()
  const began: string[] = []
  const ask = inTurns<string, string>({ limit: 2, patienceMs, tooLate: 'too late' }, (name) => {
    began.push(name)
    const act = deferred<string>()
    acts.set(name, act)
    return act.promise
  })
  return { began, ask, end: (name: string) => acts.get(name)?.resolve(`did ${name}`) }
}

test('two act at once, and the next one begins, in its turn, when one of them is done', async () => {
  const { began, ask, end } = prepared(60_000)
  const all = ['a', 'b', 'c', 'd'].map(ask)
  expect(began).toEqual(['a', 'b'])
  end('b')
  await all[1]
  await Promise.resolve()
  expect(began).toEqual(['a', 'b', 'c'])
  for (const name of ['a', 'c']) end(name)
  await all[0]
  await all[2]
  end('d')
  expect(await Promise.all(all)).toEqual(['did a', 'did b', 'did c', 'did d'])
  const again = ask('e')
  expect(began.at(-1)).toBe('e')
  end('e')
  expect(await again).toBe('did e')
})

test('who has lost patience gets no turn, and the turn goes on', async () => {
  const { began, ask } = prepared(0)
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(ask))).toEqual(Array(4).fill('too late'))
  expect(began).toEqual([])
})

test('a failure gives its turn to the next', async () => {
  let calls = 0
  const ask = inTurns<number, string>({ limit: 1, patienceMs: 60_000, tooLate: '' }, (n) => {
    calls += 1
    return n === 1 ? Promise.reject(new Error('no')) : Promise.resolve('yes')
  })
  const results = await Promise.allSettled([ask(1), ask(2)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(calls).toBe(2)
})
