import { expect, test } from 'vitest'
import { createFolders, webConfig } from '../config/folders.ts'
import { command } from './terminal.ts'

const folderOf = createFolders()
const escape = '\u001b['

/** What `run` says when it cannot open its port: this machine has no such address, so it ends by itself. */
async function said(
  environment: Readonly<Record<string, string>>,
  isTerminal: boolean,
  ...args: string[]
): Promise<string> {
  const folder = folderOf({ 'web.config': webConfig('<aspNetCore processPath="/bin/sh" />') })
  const line = ['run', folder, '--port', '0', '--host', '192.0.2.1', ...args]
  const { code, out, err } = await command(line, { environment, isTerminal })
  expect(code).toBe(1)
  expect(out).toBe('')
  expect(err).toContain('192.0.2.1')
  return err
}

test('on a terminal the log is readable text with colours', async () => {
  const text = await said({}, true)
  expect(text).toContain(escape)
  expect(text).not.toContain('{"')
})

test('NO_COLOR takes the colours away, unless it is empty', async () => {
  const text = await said({ NO_COLOR: '1' }, true)
  expect(text).not.toContain(escape)
  expect(text).not.toContain('{"')
  expect(await said({ NO_COLOR: '' }, true)).toContain(escape)
})

test('without a terminal the log is JSON, and has no colours even as readable text', async () => {
  for (const line of (await said({}, false)).trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('event')
  const text = await said({}, false, '--log-format', 'pretty')
  expect(text).not.toContain(escape)
  expect(text).not.toContain('{"')
})
