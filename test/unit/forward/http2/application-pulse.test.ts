import { expect, test } from 'vitest'
import { ApplicationPulse } from '../../../../src/forward/http2/application-pulse.ts'
import { HandClock } from '../../../support/hand-clock.ts'

/** A connection whose application answers, or does not, when the test says so. */
function watched() {
  const clock = new HandClock()
  const answers: (() => void)[] = []
  const owner = {
    bytesRead: 0,
    isAwaited: true,
    silences: 0,
    ping: (onAnswer: () => void) => void answers.push(onAnswer),
    onSilent: () => void owner.silences++,
  }
  const pulse = new ApplicationPulse(owner, clock, { pingAfterMs: 10, pingTimeoutMs: 20 })
  pulse.start()
  return { clock, answers, owner, pulse }
}

test('an application that is awaited and sends nothing is asked, and given up when it does not answer', () => {
  const { clock, answers, owner } = watched()
  clock.advance(9)
  expect(answers).toHaveLength(0)
  clock.advance(1)
  expect(answers).toHaveLength(1)
  clock.advance(19)
  expect(owner.silences).toBe(0)
  clock.advance(100)
  expect(owner.silences).toBe(1)
  expect(answers).toHaveLength(1)
})

test('it is asked again after each answer', () => {
  const { clock, answers, owner } = watched()
  for (let asked = 1; asked <= 5; asked++) {
    clock.advance(15)
    expect(answers).toHaveLength(asked)
    answers.at(-1)?.()
  }
  expect(owner.silences).toBe(0)
})

test('an answer that comes too late changes nothing', () => {
  const { clock, answers, owner, pulse } = watched()
  clock.advance(30)
  answers[0]?.()
  clock.advance(100)
  expect(owner.silences).toBe(1)
  pulse.stop()
})

test('bytes are an answer, before the question and after it', () => {
  const { clock, answers, owner } = watched()
  for (let tick = 0; tick < 5; tick++) {
    clock.advance(9)
    owner.bytesRead += 1
    clock.advance(1)
  }
  expect(answers).toHaveLength(0)
  clock.advance(10)
  expect(answers).toHaveLength(1)
  owner.bytesRead += 1
  clock.advance(20)
  expect(owner.silences).toBe(0)
})

test('nobody is asked while nobody waits, nor after the end', () => {
  const { clock, answers, owner, pulse } = watched()
  owner.isAwaited = false
  clock.advance(100)
  owner.isAwaited = true
  clock.advance(100)
  expect(answers).toHaveLength(0)
  pulse.start()
  pulse.start()
  clock.advance(10)
  expect(answers).toHaveLength(1)
  pulse.stop()
  clock.advance(100)
  expect(owner.silences).toBe(0)
})
