import { describe, expect, test } from 'vitest'
import { Problems, problemLine, shown } from '../../../src/config/problems.ts'

describe('problems', () => {
  test('come in the order of the files as they were read, then of the lines', () => {
    const problems = new Problems()
    problems.notice({ file: 'b', line: 9, column: 1 }, 'four.')
    problems.error({ file: 'a', line: 2, column: 5 }, 'six.', 'Cure.')
    problems.warning({ file: 'b', line: 2, column: 7 }, 'three.', undefined)
    problems.error({ file: 'b', line: 2, column: 3 }, 'two.', 'Cure.')
    expect(problems.list.map(problemLine)).toEqual([
      'b:2:3: error: two. Cure.',
      'b:2:7: warning: three.',
      'b:9:1: notice: four.',
      'a:2:5: error: six. Cure.',
    ])
    expect(problems.hasErrors).toBe(true)
  })

  test('without an error do not refuse the configuration', () => {
    const problems = new Problems()
    problems.warning({ file: 'a', line: 1, column: 1 }, 'odd.', 'Cure.')
    expect(problems.hasErrors).toBe(false)
  })
})

describe('text of a file in a message', () => {
  test('cannot break the line, or hide or reverse the text around it', () => {
    expect(shown('a\nb\u001b[2J\u202e\u2028\ud800')).toBe('a\\u000ab\\u001b[2J\\u202e\\u2028\\ud800')
  })

  test('is cut to 100 characters', () => {
    expect(shown('x'.repeat(1000))).toBe(`${'x'.repeat(97)}...`)
    expect(shown('ü😀 C:\\a')).toBe('ü😀 C:\\a')
  })
})
