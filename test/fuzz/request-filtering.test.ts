import { describe, expect, test } from 'vitest'
import { requestFiltering } from '../../src/site/modules/request-filtering/request-filtering.ts'
import { requestFor, stepsFor, verdictOf } from '../unit/site/modules/section.ts'
import { fuzzPlan, Random } from './random.ts'

const { cases, seed, timeout } = fuzzPlan(30_000, 1)

const lists =
  '<hiddenSegments><add segment="bin" /><add segment="App_Data" /></hiddenSegments>' +
  '<fileExtensions><add fileExtension=".cs" allowed="false" /></fileExtensions>' +
  '<denyUrlSequences><add sequence="--" /></denyUrlSequences>' +
  '<denyQueryStringSequences><add sequence="&lt;script" /></denyQueryStringSequences>'
const strict = stepsFor(requestFiltering, [`<requestFiltering>${lists}</requestFiltering>`])
const loose = stepsFor(requestFiltering, [`<requestFiltering allowDoubleEscaping="true">${lists}</requestFiltering>`])

const hex = (random: Random, byte: number): string => {
  const digits = byte.toString(16).padStart(2, '0')
  return `%${random.chance(0.5) ? digits : digits.toUpperCase()}`
}

/** One of the ways in which a client may write a character, such that some decoder reads the same from it. */
function spelling(random: Random, character: string): string {
  const code = character.charCodeAt(0)
  switch (random.below(7)) {
    case 0:
      return hex(random, code)
    case 1:
      return hex(random, character.toUpperCase().charCodeAt(0))
    case 2:
      return character.toUpperCase()
    case 3:
      return hex(random, 0xc0 | (code >> 6)) + hex(random, 0x80 | (code & 0x3f))
    case 4:
      return hex(random, 0xe0) + hex(random, 0x80 | (code >> 6)) + hex(random, 0x80 | (code & 0x3f))
    case 5:
      return character === '/' ? random.pick(['\\', '%5c', '%5C', '%2f', '//', '/./', '/x/../']) : character
    default:
      return character
  }
}

const spell = (random: Random, text: string): string => [...text].map((c) => spelling(random, c)).join('')

const ends = ['', '', '.', '..', '%20', '. .%2e', '::$DATA', ':x', '%3A%3A$data']

/** A request that a filter has to refuse, whatever it is written like. */
function attack(random: Random): string {
  const before = random.pick(['/', '/a/', '/a/b.c/', '//'])
  switch (random.below(4)) {
    case 0:
      return (
        before +
        spell(random, random.pick(['bin', 'app_data', 'web.config'])) +
        random.pick(ends).replace(' ', '') +
        spell(random, random.pick(['', '/', '/x']))
      )
    case 1:
      return `${before}name${spell(random, '.cs')}${random.pick(ends).replace(' ', '')}`
    case 2:
      return `${before}x${spell(random, '--')}y/z`
    default:
      return `${before}?q=${spell(random, '<script').replaceAll('<', '%3c')}`
  }
}

describe('request filtering under attack', () => {
  test(`lets no spelling of what is denied pass, in ${String(cases)} requests`, { timeout }, () => {
    const random = new Random(seed)
    let refused = 0
    for (let i = 0; i < cases; i++) {
      const target = attack(random)
      const exchange = requestFor(target)
      // What the front refuses reaches no application either.
      if (exchange === undefined) continue
      refused += 1
      for (const steps of [strict, loose]) {
        expect(verdictOf(steps.gate?.(exchange)), `${target} (seed ${String(seed)}, case ${String(i)})`).not.toBe(
          'passes',
        )
      }
    }
    expect(refused).toBeGreaterThan(cases / 3)
  })

  test('lets everything else pass', { timeout }, () => {
    const random = new Random(seed)
    const words = ['bins', 'cabin', 'app_dat', 'web', 'config', 'a.css', 'cs', 'a.c', '-', 'x-y', 'b%69', '%C3%A4']
    for (let i = 0; i < cases / 10; i++) {
      const target = `/${Array.from({ length: 1 + random.below(4) }, () => random.pick(words)).join('/')}?--bin/.cs`
      expect(verdictOf(strict.gate?.(requestFor(target) as never)), target).toBe('passes')
    }
  })
})
