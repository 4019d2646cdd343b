import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { createFolders, webConfig } from '../config/folders.ts'
import { command } from './terminal.ts'

const folderOf = createFolders()

/** What `run` says of an admin address that cannot be opened, without the place. */
async function refusal(address: string): Promise<{ code: number; msg: string | undefined }> {
  const folder = folderOf({
    'web.config': webConfig('<aspNetCore processPath="/bin/sh" />'),
    token: '0123456789abcdef0123456789abcdef',
  })
  await chmod(`${folder}/token`, 0o600)
  const line = ['run', folder, '--port', '0', '--admin', address, '--admin-token-file', `${folder}/token`]
  const { code, err } = await command([...line, '--control', `${folder}/control.sock`])
  const events = err.trimEnd().split('\n')
  const { event, msg } = JSON.parse(events.at(-1) as string) as { event: string; msg: string }
  return { code, msg: event === 'adminFailed' ? msg : undefined }
}

test('an admin address that is taken is named, with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const place = `127.0.0.1:${String((other.address() as AddressInfo).port)}`
  expect(await refusal(place)).toEqual({
    code: 1,
    msg: `admin address: ${place} is taken, by another program or by a port of this daemon. Stop that program, or choose another port with --admin, or <admin address> in the host file.`,
  })
  other.close()
})

test('an admin address that this machine does not have says so', async () => {
  const { code, msg } = await refusal('192.0.2.1:8081')
  expect(code).toBe(1)
  expect(msg).toBe(
    'admin address: 192.0.2.1:8081 is no address of this machine. Use one that it has, such as 127.0.0.1.',
  )
})

test.each([
  [['--port', '8081'], '127.0.0.1:8081', '--port 8081'],
  [['--port', '8081', '--host', '::1'], '[::1]:8081', '--port 8081'],
  [['--https-port', '8443', '--cert', 'site.pem'], 'localhost:8443', '--https-port 8443'],
  [[], '127.0.0.1:80', 'the http port, which is 80 without --port'],
])('%s and an admin address with the same port are refused at once', async (options, address, other) => {
  const { code, err } = await command(['run', 'app', ...options, '--admin', address])
  expect(code).toBe(2)
  expect(err).toContain(`option --admin ${address} has the port of ${other}; each needs its own`)
})

test('--admin and a binding of the host file with the same port are refused, with the place of the binding', async () => {
  const binding = '<binding protocol="http" bindingInformation="127.0.0.1:8081:" />'
  const folder = folderOf({
    'ancmd.config': `<configuration><system.applicationHost><sites><site name="one" id="1">
      <application path="/"><virtualDirectory path="/" physicalPath="/srv" /></application>
      <bindings>${binding}</bindings></site></sites></system.applicationHost></configuration>`,
  })
  const file = `${folder}/ancmd.config`
  const { code, err } = await command(['run', '--config', file, '--admin', '127.0.0.1:8081'])
  expect(code).toBe(78)
  expect(err).toContain(`option --admin 127.0.0.1:8081 is taken by the binding in ${file}:3. Give one of the two`)
})
