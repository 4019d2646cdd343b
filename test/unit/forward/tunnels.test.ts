import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { joinTunnels } from '../../../src/forward/tunnels.ts'
import type { ByteSink, Tunnel } from '../../../src/http/exchange.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** One end of a tunnel in the hands of the test: `flows` is where its bytes go. */
class End implements Tunnel {
  flows: ByteSink | undefined
  readonly heard: string[] = []
  readonly source = {
    into: (sink: ByteSink) => {
      this.flows = sink
    },
    pause: () => undefined,
    resume: () => undefined,
    destroy: () => undefined,
  }
  readonly sink: ByteSink = {
    write: (chunk) => {
      this.heard.push(Buffer.from(chunk).toString())
      return true
    },
    end: () => void this.heard.push('END'),
    fail: () => void this.heard.push('FAIL'),
    onDrain: () => undefined,
  }

  destroy(): void {
    this.heard.push('DESTROYED')
  }
}

function joined(): { client: End; application: End; over: unknown[] } {
  const [client, application] = [new End(), new End()]
  const over: unknown[] = []
  joinTunnels({ connection: {}, reply: {} }, client, application, (broken) => over.push(broken))
  return { client, application, over }
}

test('a half-closed tunnel ends when the other side sends nothing for 30 s', () => {
  const { client, application, over } = joined()
  client.flows?.end()
  vi.advanceTimersByTime(29_000)
  application.flows?.write(Buffer.from('last words'))
  vi.advanceTimersByTime(29_000)
  expect(over).toEqual([])
  vi.advanceTimersByTime(2_000)
  expect(over).toEqual([undefined])
  expect(client.heard).toEqual(['last words', 'DESTROYED'])
  expect(application.heard).toEqual(['END', 'DESTROYED'])
})

test('a tunnel that no side has ended has no time limit', () => {
  const { client, application, over } = joined()
  vi.advanceTimersByTime(24 * 3_600_000)
  expect([client.heard, application.heard, over]).toEqual([[], [], []])
})

test('a tunnel that both sides have ended is over at once, and no timer is left', () => {
  const { client, application, over } = joined()
  application.flows?.end()
  client.flows?.end()
  expect(over).toEqual([undefined])
  expect(vi.getTimerCount()).toBe(0)
  expect([client.heard, application.heard]).toEqual([['END'], ['END']])
})

test.each([
  'client',
  'application',
] as const)('a broken connection of the %s is forwarded, and reported once', (side) => {
  const ends = joined()
  const cause = new Error('broken')
  ends[side].flows?.fail(cause)
  ends[side === 'client' ? 'application' : 'client'].flows?.fail(new Error('consequence'))
  expect(ends.over).toEqual([{ side, cause }])
  expect(ends[side === 'client' ? 'application' : 'client'].heard).toContain('FAIL')
})

test('a break of the application after its client has left is on the side of the client', () => {
  const { client, application, over } = joined()
  client.flows?.end()
  const cause = new Error('reset')
  application.flows?.fail(cause)
  expect(over).toEqual([{ side: 'client', cause }])
  expect(vi.getTimerCount()).toBe(0)
})
