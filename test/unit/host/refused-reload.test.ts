import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { binding, offline, site, started, whoAnswers } from './reloads.ts'

test('a port that another program has keeps everything as it was, and is named', async () => {
  const [port, other, taken] = [await freePort(), await freePort(), await freePort()]
  const program = createServer().listen(taken, '127.0.0.1')
  onTestFinished(() => {
    program.close()
  })
  const red = site(1, [binding(port)], await offline('red'))
  const blue = site(2, [binding(other), binding(taken)], await offline('blue'))
  const { host, reload } = await started('wire', red)
  const before = host.status.sites
  const failure = { why: 'binding', binding: blue.bindings[1], opening: { code: 'port-taken' } }
  expect(await reload(blue)).toMatchObject({ ok: false, failure })
  expect(host.status.sites).toEqual(before)
  expect(await whoAnswers(port)).toBe('red')
  await expect(whoAnswers(other)).rejects.toThrow(/ECONNREFUSED/)
  program.close()
  await expect.poll(async () => (await reload(blue)).ok).toBe(true)
  expect(await whoAnswers(taken)).toBe('blue')
})

test.runIf(process.platform === 'linux')(
  'a binding can change from one address to all of its port, and back',
  async () => {
    const port = await freePort()
    const folder = await offline('red')
    const one = site(1, [binding(port)], folder)
    const all = site(1, [{ ...binding(port), address: undefined }], folder)
    const { reload } = await started('wire', one)
    expect(await reload(all)).toMatchObject({ ok: true })
    expect([await whoAnswers(port), await whoAnswers(port, 'x', '127.0.0.2')]).toEqual(['red', 'red'])
    expect(await reload(one)).toMatchObject({ ok: true })
    expect(await whoAnswers(port)).toBe('red')
    await expect(whoAnswers(port, 'x', '127.0.0.2')).rejects.toThrow(/ECONNREFUSED/)
  },
)

test.runIf(process.platform === 'linux')(
  'a listener that had to be closed for a new one is opened again if the new one is refused',
  async () => {
    const port = await freePort()
    const program = createServer().listen(port, '127.0.0.2')
    onTestFinished(() => {
      program.close()
    })
    const folder = await offline('red')
    const { reload } = await started('wire', site(1, [binding(port)], folder))
    const refused = await reload(site(1, [{ ...binding(port), address: undefined }], folder))
    expect(refused).toMatchObject({ ok: false, failure: { opening: { code: 'port-taken' } } })
    expect(await whoAnswers(port)).toBe('red')
  },
)

test('one port cannot have a binding with http and one with https', async () => {
  const port = await freePort()
  const red = site(1, [binding(port, 'a.test')], await offline('red'))
  const { reload } = await started('wire', red)
  const mixed = { ...red, bindings: [...red.bindings, { ...binding(port, 'b.test'), protocol: 'https' as const }] }
  expect(await reload(mixed)).toMatchObject({ ok: false, failure: { binding: { protocol: 'https' } } })
})

test('reloads that are asked for at the same time are carried out one after the other', async () => {
  const port = await freePort()
  const [red, blue] = [await offline('red'), await offline('blue')]
  const { reload } = await started('wire', site(1, [binding(port)], red))
  const outcomes = await Promise.all([
    reload(site(2, [binding(port)], blue)),
    reload(site(1, [binding(port)], red)),
    reload(site(2, [binding(port)], blue)),
  ])
  expect(outcomes).toMatchObject([
    { value: { added: ['/LM/W3SVC/2/ROOT'], removed: ['/LM/W3SVC/1/ROOT'] } },
    { value: { added: ['/LM/W3SVC/1/ROOT'], removed: ['/LM/W3SVC/2/ROOT'] } },
    { value: { added: ['/LM/W3SVC/2/ROOT'], removed: ['/LM/W3SVC/1/ROOT'] } },
  ])
  expect(await whoAnswers(port)).toBe('blue')
})

test('a reload during a stop changes nothing, and leaves nothing open', async () => {
  const [port, other] = [await freePort(), await freePort()]
  const red = site(1, [binding(port)], await offline('red'))
  const { host, reload } = await started('wire', red)
  const [early, stopped] = [reload(red, site(2, [binding(other)], await offline('blue'))), host.stop()]
  const late = reload(red)
  expect(await late).toMatchObject({ ok: false, failure: { why: 'not-running' } })
  await early
  await stopped
  await expect(whoAnswers(other)).rejects.toThrow(/ECONNREFUSED/)
  expect(host.status.state).toBe('stopped')
})
