import { expect, test } from 'vitest'
import { nextState, type ProcessMove, type ProcessState } from '../../../../src/process/life/process-state.ts'

const target = { pid: 7, port: 12345, token: 't' }
const states: Record<ProcessState['name'], ProcessState> = {
  starting: { name: 'starting', step: 'choose-port' },
  running: { name: 'running', target },
  draining: { name: 'draining', target, reason: 'recycle' },
  exited: { name: 'exited', code: 0, signal: null, expected: true },
}
const moves: Record<ProcessMove['on'], ProcessMove> = {
  step: { on: 'step', step: 'await-listening' },
  listening: { on: 'listening', target },
  stop: { on: 'stop', reason: 'offline' },
  exit: { on: 'exit', code: 1, signal: null, expected: false },
}

test.each<[ProcessState['name'], ProcessMove['on'], ProcessState['name'] | 'unchanged']>([
  ['starting', 'step', 'starting'],
  ['starting', 'listening', 'running'],
  ['starting', 'stop', 'unchanged'],
  ['starting', 'exit', 'exited'],
  ['running', 'step', 'unchanged'],
  ['running', 'listening', 'unchanged'],
  ['running', 'stop', 'draining'],
  ['running', 'exit', 'exited'],
  ['draining', 'step', 'unchanged'],
  ['draining', 'listening', 'unchanged'],
  ['draining', 'stop', 'unchanged'],
  ['draining', 'exit', 'exited'],
  ['exited', 'step', 'unchanged'],
  ['exited', 'listening', 'unchanged'],
  ['exited', 'stop', 'unchanged'],
  ['exited', 'exit', 'unchanged'],
])('%s, %s → %s', (from, on, to) => {
  const next = nextState(states[from], moves[on])
  if (to === 'unchanged') expect(next).toBe(states[from])
  else expect(next.name).toBe(to)
})

test('target, reason and exit status are kept in the next states', () => {
  expect(nextState(states.starting, moves.step)).toEqual({ name: 'starting', step: 'await-listening' })
  expect(nextState(states.running, moves.stop)).toEqual({ name: 'draining', target, reason: 'offline' })
  expect(nextState(states.draining, moves.exit)).toEqual({ name: 'exited', code: 1, signal: null, expected: false })
})
