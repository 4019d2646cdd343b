import { expect, test } from 'vitest'
import { type ForwardFailure, failureOf } from '../../../src/forward/forward-failure.ts'
import { UserNotTaken } from '../../../src/forward/known-users.ts'
import { answerFailure } from '../../../src/http/answer.ts'
import { BodyMalformed, BodyTooLarge, BodyTooSlow, ClientGone } from '../../../src/http/exchange.ts'

const failure: ForwardFailure = { kind: 'send-request', side: 'client', started: false, cause: new Error('x') }

test.each([
  [{ side: 'application' as const }, 502],
  [{ side: 'timeout' as const }, 502],
  [{ side: 'application' as const, cause: new UserNotTaken() }, 500],
  [{ cause: new BodyTooLarge(5) }, 413],
  [{ cause: new BodyTooSlow() }, 408],
  [{ cause: new BodyMalformed(new Error('x')) }, 400],
  [{ cause: new ClientGone() }, 400],
])('a failure with %o is answered with %i', (part, status) => {
  expect(answerFailure(failureOf({ ...failure, ...part })).status).toBe(status)
})

test('a BodyTooLarge is a 413 only on the side of the client', () => {
  expect(failureOf({ ...failure, side: 'application', cause: new BodyTooLarge(5) })).toEqual({ kind: 'forward-failed' })
})
