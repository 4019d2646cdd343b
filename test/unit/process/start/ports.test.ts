import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { choosePort } from '../../../../src/process/start/ports.ts'

const named = (value: string, name = 'ASPNETCORE_PORT') => [{ name, value }]

test.each(['1025', '5000', '48000', ' 5000 '])('ASPNETCORE_PORT=%s of web.config is used', async (value) => {
  expect(await choosePort(named(value), 'ASPNETCORE_PORT')).toEqual({ ok: true, value: Number(value) })
})

test.each([
  '1024',
  '48001',
  '0',
  '-1',
  '80',
  'eighty',
  '5000x',
  '1e4',
  '100000',
  '5000.5',
])('ASPNETCORE_PORT=%s of web.config is refused', async (value) => {
  expect(await choosePort(named(value), 'ASPNETCORE_PORT')).toEqual({
    ok: false,
    failure: { why: 'bad-port', value },
  })
})

test.each([
  [named('')],
  [named('%ASPNETCORE_PORT%')],
  [[]],
  [named('5000', 'OTHER')],
  [named('5000', 'HTTP_PLATFORM_PORT')],
])('with %j the port is random', async (variables) => {
  const chosen = await choosePort(variables, 'ASPNETCORE_PORT')
  expect(chosen.ok && chosen.value).toBeGreaterThanOrEqual(10_000)
})

test('names compare without regard to case', async () => {
  expect(await choosePort(named('5000', 'aspnetcore_port'), 'ASPNETCORE_PORT')).toEqual({ ok: true, value: 5000 })
})

test('random ports differ, are in range, are outside of the ephemeral range, and are free', async () => {
  const [from = 0, to = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t').map(Number)
  const chosen = await Promise.all(Array.from({ length: 30 }, () => choosePort([], 'ASPNETCORE_PORT')))
  const ports = chosen.map((outcome) => (outcome.ok ? outcome.value : 0))
  expect(new Set(ports).size).toBe(30)
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(10_000)
    expect(port).toBeLessThanOrEqual(48_000)
    expect(port >= from && port <= to).toBe(false)
  }
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(ports[0], '127.0.0.1', resolve)
  })
  server.close()
})
