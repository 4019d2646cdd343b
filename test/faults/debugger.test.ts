import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { copyApp, top } from '../support/folders.ts'

test('SIGUSR1 opens no debugger: the daemon goes on, and nobody listens', async () => {
  const daemon = await startDaemon(await copyApp('node-twin'))
  daemon.signal('SIGUSR1')
  expect(await daemon.text('/HelloWorld')).toBe('Hello World')
  daemon.signal('SIGUSR1')
  expect(await daemon.text('/HelloWorld')).toBe('Hello World')
  expect(await daemon.stop()).toBe(0)
  expect(daemon.stderr).not.toContain('Debugger')
})

test('SIGUSR1 is taken before anything else is loaded', () => {
  const [first = ''] = readFileSync(`${top}/dist/main.js`, 'utf8')
    .split('\n')
    .filter((line) => !/^(?:#!|\/\/|$)/.test(line))
  expect(first).toMatch(/^process\.on\(['"]SIGUSR1['"]/)
  // An import statement, wherever it stands, is loaded before the first line is run.
  expect(readFileSync(`${top}/dist/main.js`, 'utf8')).not.toMatch(
    /^\s*(?:import|export)\b[^;]*\bfrom\b|^\s*import\s*['"]/m,
  )
})
