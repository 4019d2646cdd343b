import { expect, test } from 'vitest'
import { prefersJson } from '../../../src/http/accept.ts'

test.each([
  ['application/json', true],
  ['application/problem+json', true],
  ['text/html;q=0.5, application/json', true],
  ['application/json, text/html', true],
  ['application/json;q=0.9, text/html;q=0.8, */*;q=0.1', true],
  ['APPLICATION/JSON', true],
  ['application/json ; q=0.2', true],
  ['text/html, application/json', false],
  ['text/html, application/json;q=0.9', false],
  ['application/json;q=0', false],
  ['application/json;q=x, text/html', false],
  ['*/*', false],
  ['application/*', false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  ['application/manifest+json', false],
  ['', false],
  [undefined, false],
])('Accept: %s asks for JSON: %s', (accept, expected) => {
  expect(prefersJson(accept)).toBe(expected)
})
