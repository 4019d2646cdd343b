import { expect, test } from 'vitest'
import { joinArguments, splitArguments } from '../../../../src/process/command/split-arguments.ts'

const words = (line: string): string[] => splitArguments(line).map((argument) => argument.text)

test.each<[string, string[]]>([
  ['', []],
  ['   ', []],
  ['a b\tc', ['a', 'b', 'c']],
  ['  a  ', ['a']],
  ['"a b" c', ['a b', 'c']],
  ['a"b c"d', ['ab cd']],
  ['""', ['']],
  ['a "" b', ['a', '', 'b']],
  ['"a""b"', ['a"b']],
  ['"a"" b"', ['a" b']],
  ['a\\b c\\', ['a\\b', 'c\\']],
  ['\\\\server\\share', ['\\\\server\\share']],
  ['a\\"b', ['a"b']],
  ['a\\\\"b c"', ['a\\b c']],
  ['a\\\\\\"b', ['a\\"b']],
  ['"a\\\\" b', ['a\\', 'b']],
  ['"C:\\dir\\" x"', ['C:\\dir" x']],
  ['"open end', ['open end']],
  ["'a b'", ["'a", "b'"]],
  ['exec ".\\my app.dll" extra "two words"', ['exec', '.\\my app.dll', 'extra', 'two words']],
  ['π "≠ 3·14"', ['π', '≠ 3·14']],
])('the command line %j is %j', (line, expected) => {
  expect(words(line)).toEqual(expected)
})

test('a word without quotes is marked as bare', () => {
  expect(splitArguments('a "b" c"d"').map((argument) => argument.bare)).toEqual([true, false, false])
})

test('a joined command line splits into the same words', () => {
  const samples = [
    ['a', 'b c', ''],
    ['"', '\\', '\\\\', 'a\\'],
    ['a b\\', 'c"d', 'e\\"f'],
    ['tab\there', '\\" \\"'],
  ]
  for (const sample of samples) expect(words(joinArguments(sample))).toEqual(sample)
})

test('plain words are joined without quotes', () => {
  expect(joinArguments(['/usr/bin/dotnet', './App.dll', '--x=1'])).toBe('/usr/bin/dotnet ./App.dll --x=1')
})
