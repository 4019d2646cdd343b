import { expect, test } from 'vitest'
import { foldCase } from '../../../../../src/site/modules/rewrite/fold-case.ts'
import { Dice } from '../../../../support/dice.ts'

const parts = ['a', 'B', 'z', 'ä', 'Ö', 'µ', '1', '.', '\\.', '\\d', '\\w', '[a-f]', '[^M-Q]', '[ä-ö]', '[k\\-X.()]', '\\x41', '\\u00e4', '(?:b|C)', '(?<n>d)?', 'e{2}', 'f+', '^', '$', '|', '\\b', '\\q'] // biome-ignore format: a list
const letters = [...'aAbBcCdDeEfFkKmMqQxXzZäÄöÖµΜ1.-()_ ']

test('a folded pattern matches what the pattern matches with the flag i, of 20,000 random ones', () => {
  const dice = new Dice(5)
  const text = (most: number, from: readonly string[]): string =>
    Array.from({ length: 1 + dice.roll(most) }, () => dice.pick(from)).join('')
  let compared = 0
  while (compared < 20_000) {
    const source = text(4, parts)
    // A group may have its name once.
    if (source.split('(?<n>').length > 2) continue
    const input = text(6, letters)
    const folded = new RegExp(foldCase(source)).exec(input)
    expect([source, input, folded?.index, folded && [...folded]]).toEqual(
      [new RegExp(source, 'i').exec(input)].flatMap((found) => [source, input, found?.index, found && [...found]]),
    )
    compared++
  }
})
