import { expect, test } from 'vitest'
import { foldHelp } from '../../../src/cli/streams/fold-text.ts'

const help = `usage: ancmd run [folder]

Runs the daemon in front of an app.

  -p, --port N  the port of the front, on which it takes requests of clients, 0 for any that is free
  --json        short
`

test('on a terminal what an option does stays in its column', () => {
  expect(foldHelp(help, 60)).toBe(`usage: ancmd run [folder]

Runs the daemon in front of an app.

  -p, --port N  the port of the front, on which it takes
                requests of clients, 0 for any that is free
  --json        short
`)
})

test('on a very narrow one it stands below its option', () => {
  expect(foldHelp(help, 36)).toBe(`usage: ancmd run [folder]

Runs the daemon in front of an app.

  -p, --port N
      the port of the front, on
      which it takes requests of
      clients, 0 for any that is
      free
  --json        short
`)
})

test('a wide one gets it as it is', () => {
  expect(foldHelp(help, 120)).toBe(help)
})
