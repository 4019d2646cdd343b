import { join } from 'node:path'
import { expect, test } from 'vitest'
import { touch } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { misbehavingApp } from '../support/folders.ts'
import { send } from '../support/send.ts'
import { startHost } from './support/host.ts'
import { type Outcome, outcomeOf, tally, Traffic } from './support/traffic.ts'

const attributes = {
  shutdownTimeLimit: '1',
  rapidFailsPerMinute: '100',
}

test.each([
  ['exits at once', 'exit 1 0', ['502']],
  ['dies 50 ms after each start', 'serve-then-exit 1 50', ['200', '502', 'broken']],
  ['never listens', 'never-listen', ['502']],
  ['listens elsewhere', 'listen-elsewhere', ['502']],
  ['never answers', 'hang', ['502']],
  ['floods its output', 'flood', ['200']],
  ['does not want to go', 'stubborn', ['200']],
  ['forks and leaves', 'double-fork', ['200']],
])('beside an application that %s, and is recycled all the time, another one serves every request', async (_what, fault, expected) => {
  const faulty = await misbehavingApp(fault, {
    attributes: {
      ...attributes,
      startupTimeLimit: neverUp(fault) ? '1' : '60',
      ...(fault === 'hang' && { requestTimeout: '00:00:01' }),
    },
  })
  const { host, url, log } = await startHost({ '/': await misbehavingApp('serve'), '/faulty': faulty })
  const pid = (await send(url, '/')).text
  const good = new Traffic({ url }, '/', 4, { breath: 10 })
  const outcomes: Outcome[] = []
  const recycled = () => log.events.filter(({ event }) => event === 'applicationRecycled').length
  for (let round = 1; round <= 3; round += 1) {
    outcomes.push(...(await Promise.all(Array.from({ length: 10 }, () => outcomeOf(send(url, '/faulty/'))))))
    await touch(join(faulty, 'web.config'))
    await eventually('it is recycled', () => recycled() === round)
  }
  await good.more(20)
  expect(Object.keys(await good.stop())).toEqual(['200'])
  expect(expected).toEqual(expect.arrayContaining(Object.keys(tally(outcomes))))
  expect((await send(url, '/')).text).toBe(pid)
  expect(log.events.filter(({ event }) => event === 'bug')).toEqual([])
  await host.stop()
})

function neverUp(fault: string): boolean {
  return ['never-listen', 'listen-elsewhere'].includes(fault)
}
