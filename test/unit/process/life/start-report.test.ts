import { expect, test } from 'vitest'
import {
  linesSince,
  reportLines,
  type StartCause,
  startFailureText,
} from '../../../../src/process/life/start-report.ts'

function text(cause: StartCause): string {
  return startFailureText({
    cause,
    commandLine: '/usr/bin/dotnet ./App.dll',
    cwd: '/srv/www',
    port: 12345,
    pid: 7,
    attempt: 1,
    steps: [],
    lastLines: [],
    advice: [],
  })
}

test.each<[StartCause, string]>([
  [
    { why: 'not-found', wanted: '.\\App.exe', lookedFor: ['/srv/www/App.exe', '/srv/www/App'], cure: 'Publish again.' },
    "'.\\App.exe' was not found; looked for /srv/www/App.exe, /srv/www/App. Publish again.",
  ],
  [
    { why: 'not-executable', file: '/srv/www/App', reason: 'it has no execute permission', cure: 'chmod +x.' },
    "'/srv/www/App' cannot be run: it has no execute permission. chmod +x.",
  ],
  [{ why: 'bad-port', value: 'eighty' }, "ASPNETCORE_PORT is 'eighty', but must be a number from 1025 to 48000."],
  [{ why: 'no-free-port', tried: 10 }, 'no free port was found, though 10 were tried.'],
  [
    { why: 'no-free-port', tried: 10, code: 'EMFILE' },
    'no port could be tried: too many files are open; raise the limit of open files (EMFILE).',
  ],
  [
    { why: 'spawn-failed', code: 'EMFILE', file: '/usr/bin/dotnet' },
    "'/usr/bin/dotnet' could not be started: too many files are open; raise the limit of open files (EMFILE).",
  ],
  [
    { why: 'exited', code: 12, signal: null, afterMs: 84.4 },
    'the process ended with exit code 12 after 84 ms without listening on port 12345.',
  ],
  [
    { why: 'exited', code: null, signal: 'SIGSEGV', afterMs: 1499 },
    'the process ended by SIGSEGV after 1.5 s without listening on port 12345.',
  ],
  [
    { why: 'never-listened', limitMs: 120_000 },
    'the process ran for 120 s (startupTimeLimit), but did not listen on port 12345.',
  ],
  [
    { why: 'listens-elsewhere', limitMs: 1000, addresses: ['127.0.0.1:5000', '[::1]:5000'] },
    'the process listens on 127.0.0.1:5000, [::1]:5000, but not on 127.0.0.1:12345, which ASPNETCORE_PORT and ASPNETCORE_URLS ask for. An address of its own goes before them: take it out of app.Run(…), UseUrls, --urls, or Kestrel:Endpoints and Urls in appsettings*.json.',
  ],
  [{ why: 'port-taken', owner: 'nginx (pid 812)' }, 'port 12345 is taken by nginx (pid 812).'],
  [{ why: 'port-taken', owner: undefined }, 'port 12345 is taken by another process.'],
])('%j', (cause, expected) => {
  expect(text(cause)).toBe(expected)
})

test('a long list of places is cut', () => {
  const lookedFor = Array.from({ length: 15 }, (_, at) => `/p${String(at)}`)
  expect(text({ why: 'not-found', wanted: 'x', lookedFor, cure: '' })).toContain('/p11 and 3 more')
})

test('a report has the last 30 lines', () => {
  const lines = Array.from({ length: 40 }, (_, at) => `line ${String(at)}`)
  expect(reportLines(lines)).toEqual(lines.slice(10))
})

test('a report has no more than 30,000 characters, the last ones', () => {
  expect(reportLines(['a'.repeat(20_000), 'b'.repeat(20_000)])).toEqual(['a'.repeat(10_000), 'b'.repeat(20_000)])
  expect(reportLines(['first', 'x'.repeat(30_000)])).toEqual(['x'.repeat(30_000)])
})

test('a cut leaves no half of a surrogate pair', () => {
  expect(reportLines(['😀😀'], 30, 3)).toEqual(['😀'])
})

test.each<[string[], string[], string[]]>([
  [[], ['a'], ['a']],
  [['a'], ['a', 'a'], ['a']],
  [['a', 'b'], ['a', 'b', 'c'], ['c']],
  [['a'], ['a'], ['a']],
  [
    ['a', 'b'],
    ['b', 'c'],
    ['b', 'c'],
  ],
  [['begun'], ['begun and ended'], ['begun and ended']],
])('after %j a report of %j has %j', (before, now, expected) => {
  expect(linesSince(before, now)).toEqual(expected)
})
