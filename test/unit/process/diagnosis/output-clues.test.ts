import { expect, test } from 'vitest'
import type { Machine } from '../../../../src/process/diagnosis/machine.ts'
import { findClues } from '../../../../src/process/diagnosis/output-clues.ts'

const ubuntu: Machine = { architecture: 'x64', platform: 'linux', distributions: ['ubuntu', 'debian'], isRoot: false }
const context = { machine: ubuntu, user: 'shop', folder: '/srv/shop' }

test.each([
  [
    'ICU is missing',
    "Process terminated. Couldn't find a valid ICU package installed on the system. Please install libicu using your package manager",
    'needs ICU',
    'sudo apt-get install -y libicu-dev',
  ],
  [
    'the shared framework is too old',
    "You must install or update .NET to run this application.\n\nFramework: 'Microsoft.AspNetCore.App', version '9.0.0' (x64)",
    'asks for Microsoft.AspNetCore.App 9.0.0',
    'sudo apt-get install -y aspnetcore-runtime-9.0',
  ],
  [
    'there is no runtime at all',
    'You must install .NET to run this application.',
    'no .NET runtime',
    '--channel LTS --install-dir',
  ],
  [
    'inotify instances are used up',
    'System.IO.IOException: The configured user limit (128) on the number of inotify instances has been reached, or the per-process limit on the number of open file descriptors has been reached.',
    '128 of 128 inotify instances',
    'sudo sysctl -w fs.inotify.max_user_instances=1024',
  ],
  [
    'inotify watches are used up',
    'The configured user limit (8192) on the number of inotify watches has been reached.',
    'All 8192 inotify watches',
    'fs.inotify.max_user_watches=',
  ],
  [
    'the C library is too old',
    "./App: /lib/libc.so.6: version `GLIBC_2.34' not found",
    'it needs GLIBC_2.34',
    undefined,
  ],
  [
    'a library is missing',
    './App: error while loading shared libraries: libgdiplus.so.0: cannot open shared object file',
    'libgdiplus.so.0 is missing',
    'apt-file search libgdiplus.so.0',
  ],
  [
    'the app binds an address of its own that is taken',
    'System.IO.IOException: Failed to bind to address http://127.0.0.1:5000: address already in use.',
    'http://127.0.0.1:5000 by itself',
    undefined,
  ],
  [
    'the app may not write',
    "System.UnauthorizedAccessException: Access to the path '/srv/shop/uploads' is denied.",
    'shop may not use /srv/shop/uploads',
    "sudo setfacl -R -m u:shop:rwX '/srv/shop/uploads'",
  ],
  [
    'a file of the folder was not copied',
    'An assembly specified in the application dependencies manifest (Shop.deps.json) was not found:',
    'Shop.deps.json names are missing in /srv/shop',
    undefined,
  ],
  ['system calls are filtered', 'Failed to create CoreCLR, HRESULT: 0x8007054F', '(0x8007054F)', undefined],
  ['memory is short', 'GC heap initialization failed with error 0x8007000E', 'did not get the memory', undefined],
])('%s', (_what, output, text, command) => {
  const [finding, ...others] = findClues(['info: starting', ...output.split('\n')], context)
  expect(finding?.text).toContain(text)
  expect(others).toEqual([])
  if (command === undefined) expect(finding?.command).toBeUndefined()
  else expect(finding?.command).toContain(command)
  expect(finding?.cure).toMatch(/[.:]$/)
})

test('ordinary output says nothing', () => {
  expect(findClues(['Now listening on: http://127.0.0.1:12345', 'warn: no such user'], context)).toEqual([])
})

test('root is not told to use sudo, and Alpine is told its own packages', () => {
  const alpine: Machine = { architecture: 'x64', platform: 'linux', distributions: ['alpine'], isRoot: true }
  const lines = ["Couldn't find a valid ICU package", "Framework: 'Microsoft.AspNetCore.App', version '10.0.1'"]
  const commands = findClues(lines, { ...context, machine: alpine }).map(({ command }) => command)
  expect(commands).toEqual(['apk add icu-libs icu-data-full', 'apk add aspnetcore10-runtime'])
})
