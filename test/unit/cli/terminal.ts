import { expect } from 'vitest'
import { runCommandLine } from '../../../src/cli/cli.ts'
import type { Terminal } from '../../../src/cli/verb.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** One command line, as main.ts runs it, with everything that it says. */
export async function command(args: readonly string[], changes: Partial<Terminal> = {}): Promise<Said> {
  let out = ''
  let err = ''
  const code = await runCommandLine(args, {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    environment: { PATH: '/usr/bin:/bin', HOME: '/home/shop' },
    isTerminal: false,
    ...changes,
  })
  return { code, out, err }
}

/** `ancmd check FOLDER`, its lines with `<app>` for the folder. */
export async function check(folder: string, ...args: string[]): Promise<Said & { readonly lines: readonly string[] }> {
  const said = await command(['check', folder, ...args])
  expect(said.err).toBe('')
  return { ...said, lines: said.out.replaceAll(folder, '<app>').split('\n') }
}
