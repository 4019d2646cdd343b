import { describe, expect, it } from 'vitest'
import { oneOf, type OptionSpec, readOptions, wholeNumber } from '../../../src/cli/options.ts'

const specs: readonly OptionSpec[] = [
  { name: 'port', value: 'N', summary: 'port' },
  { name: 'json', value: undefined, summary: 'as JSON' },
  { name: 'cert', value: 'FILE', summary: 'certificate', repeats: true },
  { name: 'https-port', value: 'N', summary: 'https', later: 'is not built yet' },
]

function refusal(...args: string[]): string {
  const read = readOptions(args, specs, 1)
  return read.ok ? '' : read.failure.message
}

describe('options', () => {
  it('reads values, switches and the folder, in any order and in both spellings', () => {
    const read = readOptions(['--port=80', 'out', '--json', '--cert', 'a', '--cert', 'b'], specs, 1)
    if (!read.ok) throw new Error(read.failure.message)
    expect(read.value.value('port')).toBe('80')
    expect(read.value.has('json')).toBe(true)
    expect(read.value.value('cert')).toBe('b')
    expect(read.value.positionals).toEqual(['out'])
  })

  it('names the nearest option for a misspelt one', () => {
    expect(refusal('--prot', '80')).toBe('unknown option --prot; did you mean --port?')
    expect(refusal('--zzzzzzz')).toBe('unknown option --zzzzzzz')
    expect(refusal('-x')).toContain('unknown option -x')
  })

  it('refuses a missing value, a value for a switch, a repeated option, a second folder', () => {
    expect(refusal('--port')).toBe('option --port needs a value: --port N')
    expect(refusal('--port=')).toBe('option --port needs a value: --port N')
    expect(refusal('--json=yes')).toBe('option --json takes no value')
    expect(refusal('--port', '1', '--port', '2')).toBe('option --port is given twice')
    expect(refusal('a', 'b')).toBe("unexpected argument 'b'")
  })

  it('refuses an option whose feature is not built, instead of ignoring it', () => {
    expect(refusal('--https-port', '443')).toBe('option --https-port is not built yet')
  })

  it('reads whole numbers and words strictly', () => {
    expect(wholeNumber('port', '8080', 0, 65_535)).toEqual({ ok: true, value: 8080 })
    for (const text of ['-1', '65536', '8o', '', ' 1', '1e3'])
      expect(wholeNumber('port', text, 0, 65_535).ok).toBe(false)
    expect(oneOf('log-format', 'xml', ['pretty', 'json'])).toEqual({
      ok: false,
      failure: { message: "option --log-format takes pretty or json, not 'xml'" },
    })
  })
})
