import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from 'bcryptjs'
import { expect, onTestFinished, test } from 'vitest'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'

const challenge = 'Basic realm="Shop", charset="UTF-8"'
const basic = (credentials: string) => ({
  headers: { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
})

interface Wish {
  readonly anonymous?: boolean
  readonly webServer?: string
  readonly args?: readonly string[]
}

/** A daemon with the user alice, whose password is `b:c`. */
async function start({ anonymous = false, webServer = '', args = [] }: Wish = {}): Promise<{
  daemon: Daemon
  usersFile: string
}> {
  const folder = await copyApp('node-twin')
  const usersFile = join(folder, 'users')
  await writeFile(usersFile, `alice:${await hash('b:c', 4)}\n`)
  const sections =
    `<authentication><anonymousAuthentication enabled="${String(anonymous)}" />` +
    '<basicAuthentication enabled="true" realm="Shop" usersFile="users" /></authentication>'
  await editWebConfig(folder, { webServer: `<security>${sections}</security>${webServer}` })
  return { daemon: await startDaemon(folder, { args }), usersFile }
}

test('authentication-anonymous: where it is off, a request without credentials is 401.2 with a challenge, and the app is not started', async () => {
  const { daemon } = await start()
  const answer = await daemon.send('/HelloWorld')
  expect([answer.status, answer.field('WWW-Authenticate')]).toEqual([401, [challenge]])
  expect(answer.text).toContain('<title>HTTP Error 401.2 - ')
  const bad = await daemon.send('/HelloWorld', basic('alice:b'))
  expect([bad.status, bad.field('WWW-Authenticate')]).toEqual([401, [challenge]])
  expect(bad.text).toContain('<title>HTTP Error 401.1 - ')
  expect(daemon.seen('processStarted')).toEqual([])
})

test('authentication-anonymous: where it is on, the app asks for users where it wants them, and credentials are checked everywhere', async () => {
  const { daemon } = await start({ anonymous: true })
  const statusOf = async (target: string, credentials?: string) => {
    return (await daemon.send(target, credentials === undefined ? {} : basic(credentials))).status
  }
  expect([await statusOf('/HelloWorld'), await statusOf('/HelloWorld', 'alice:b:c')]).toEqual([200, 200])
  expect(await statusOf('/HelloWorld', 'alice:wrong')).toBe(401)
  const asked = await daemon.send('/SetCustomErorCode?code=401')
  expect([asked.status, asked.field('WWW-Authenticate')]).toEqual([401, [challenge]])
  const own = await daemon.send('/RestrictedNegotiate')
  expect([own.status, own.field('WWW-Authenticate')]).toEqual([401, ['Negotiate', 'NTLM']])
})

test('authentication-basic: the first colon ends the name, the app does not see the password, and the access log knows the user', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ancmd-basic-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const log = join(folder, 'access.log')
  const { daemon } = await start({ args: ['--access-log', log] })
  expect((await daemon.send('/HelloWorld', basic('alice:b:c'))).status).toBe(200)
  expect(await daemon.text('/GetRequestHeaderValueAuthorization', basic('alice:b:c').headers)).toBe('')
  const line = await eventually('the line of the request', async () => {
    const lines = (await readFile(log, 'utf8').catch(() => '')).split('\n')
    return lines.find((text) => text.includes('/HelloWorld'))
  })
  expect(line).toMatch(/ GET \/HelloWorld - \d+ alice 127\.0\.0\.1 .* 200 0 0 /)
  expect(daemon.stderr + line).not.toContain(Buffer.from('alice:b:c').toString('base64'))
})

test('authentication-basic: rules for users know who has come, and an error page keeps the challenge', async () => {
  const rules =
    '<security><authorization><add accessType="Deny" users="alice" verbs="DELETE" /></authorization></security>'
  const errors =
    '<httpErrors errorMode="Custom"><error statusCode="401" responseMode="ExecuteURL" path="/HelloWorld" />' +
    '<error statusCode="401" subStatusCode="1" responseMode="ExecuteURL" path="/GetRequestHeaderValueAuthorization" /></httpErrors>'
  const { daemon } = await start({ webServer: rules + errors })
  expect((await daemon.send('/HelloWorld', basic('alice:b:c'))).status).toBe(200)
  const denied = await daemon.send('/HelloWorld', { ...basic('alice:b:c'), method: 'DELETE' })
  expect([denied.status, denied.text, denied.field('WWW-Authenticate')]).toEqual([401, 'Hello World', [challenge]])
  expect(await daemon.event('requestRefused')).toMatchObject({ reason: 'user-denied', substatus: 2 })
  const refused = await daemon.send('/HelloWorld', basic('alice:mistyped'))
  expect([refused.status, refused.text, refused.field('WWW-Authenticate')]).toEqual([401, '', [challenge]])
})

test('authentication-basic: users that are taken out of the file are out, and new ones are in', async () => {
  const { daemon, usersFile } = await start()
  expect((await daemon.send('/HelloWorld', basic('alice:b:c'))).status).toBe(200)
  await writeFile(`${usersFile}.new`, `bob:${await hash('x', 4)}\n`)
  await rename(`${usersFile}.new`, usersFile)
  await eventually('alice is out', async () => {
    return (await daemon.send('/HelloWorld', basic('alice:b:c'))).status === 401
  })
  expect((await daemon.send('/HelloWorld', basic('bob:x'))).status).toBe(200)
})

test('authentication-basic: a password that comes over plain http by an unknown proxy is refused by 403.4', async () => {
  const { daemon } = await start()
  const headers = { ...basic('alice:b:c').headers, 'X-Forwarded-For': '192.0.2.1' }
  const answer = await daemon.send('/HelloWorld', { headers })
  expect([answer.status, /<title>HTTP Error (\S+)/.exec(answer.text)?.[1]]).toEqual([403, '403.4'])
})

test('authentication-basic: what cannot be is 500.19, and check names line, column and cure', async () => {
  const folder = await copyApp('node-twin')
  const sections = (inner: string) => `<security><authentication>${inner}</authentication></security>`
  await editWebConfig(folder, {
    webServer: sections(
      '<digestAuthentication enabled="true" /><basicAuthentication enabled="true" usersFile="nobody" />',
    ),
  })
  const { stdout, code } = await ancmd(['check', folder])
  expect(code).toBe(78)
  expect(stdout).toMatch(/web\.config:\d+:\d+: error: Digest authentication is not offered: .* Remove it/)
  expect(stdout).toMatch(/web\.config:\d+:\d+: error: usersFile: .*nobody cannot be read \(ENOENT\)\. Make it/)
  const daemon = await startDaemon(folder)
  expect((await daemon.send('/')).text).toContain('<title>HTTP Error 500.19 - ')
})

test('authentication-basic: over plain http that everybody can read is 500.19 where no proxy is trusted', async () => {
  const folder = await copyApp('node-twin')
  await writeFile(join(folder, 'users'), '')
  await editWebConfig(folder, {
    webServer:
      '<security><authentication><basicAuthentication enabled="true" usersFile="users" /></authentication></security>',
  })
  const checked = await ancmd(['check', folder])
  expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('`run` refuses this folder unless')])
  const daemon = await startDaemon(folder, { everyAddress: true })
  expect((await daemon.send('/')).status).toBe(500)
  const behind = await startDaemon(folder, { everyAddress: true, args: ['--trusted-proxy', '127.0.0.1'] })
  expect((await behind.send('/')).status).toBe(200)
})
