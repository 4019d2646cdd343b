import { expect, test } from 'vitest'
import { serverRuntime } from '../../../../src/site/modules/server-runtime.ts'
import { readSection, stepsFor, requestFor, verdictOf } from './section.ts'

test('serverRuntime limits nothing until appConcurrentRequestLimit is written', () => {
  const { settings, lines } = readSection(serverRuntime, '<serverRuntime uploadReadAheadSize="104857600" />')
  expect([settings, lines]).toEqual([undefined, []])
  expect(readSection(serverRuntime, '<serverRuntime appConcurrentRequestLimit="0" />').lines.join()).toContain(
    'out of range',
  )
})

test('serverRuntime refuses by 503.2 what is above the limit, until a request is over', () => {
  const { gate, finish } = stepsFor(serverRuntime, ['<serverRuntime appConcurrentRequestLimit="2" />'])
  const request = requestFor('/')
  if (request === undefined || gate === undefined) throw new Error('there is no gate')
  const enter = (id: number): string => verdictOf(gate({ ...request, id }))
  expect([enter(1), enter(2), enter(3)]).toEqual(['passes', 'passes', '503.2'])
  // The end of a refused request frees no place.
  finish?.({ ...request, id: 3 })
  expect(enter(4)).toBe('503.2')
  finish?.({ ...request, id: 1 })
  expect([enter(5), enter(6)]).toEqual(['passes', '503.2'])
})
