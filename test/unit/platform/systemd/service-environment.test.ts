import { fstatSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  forgetServiceEnvironment,
  readServiceEnvironment,
} from '../../../../src/platform/systemd/service-environment.ts'

const nothing = { notifySocket: undefined, watchdogMs: undefined, descriptors: undefined, isJournal: false }

describe('the environment of a service', () => {
  test('says nothing where no service manager started the process', () => {
    expect(readServiceEnvironment({ PATH: '/usr/bin' }, 7)).toEqual(nothing)
  })

  test('names the descriptors in their order, also those without a name', () => {
    const environment = { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'http:https' }
    expect(readServiceEnvironment(environment, 7).descriptors).toEqual([
      { fd: 3, name: 'http' },
      { fd: 4, name: 'https' },
      { fd: 5, name: '' },
    ])
  })

  test.each([
    ['descriptors of another process', { LISTEN_PID: '8', LISTEN_FDS: '1' }],
    ['descriptors of nobody', { LISTEN_FDS: '1' }],
    ['no number of descriptors', { LISTEN_PID: '7', LISTEN_FDS: 'many' }],
    ['no descriptors', { LISTEN_PID: '7', LISTEN_FDS: '0' }],
    ['a watchdog of another process', { WATCHDOG_USEC: '1000000', WATCHDOG_PID: '8' }],
    ['a watchdog without a time', { WATCHDOG_USEC: 'soon', WATCHDOG_PID: '7' }],
    ['a relative socket', { NOTIFY_SOCKET: 'run/notify' }],
    ['a journal that stderr is not', { JOURNAL_STREAM: '1:1' }],
  ])('%s do not count', (_, environment) => {
    expect(readServiceEnvironment(environment, 7)).toEqual(nothing)
  })

  test('gives the socket, the time of the watchdog and the journal', () => {
    const { dev, ino } = fstatSync(2)
    const environment = {
      NOTIFY_SOCKET: '@abstract',
      WATCHDOG_USEC: '60000000',
      JOURNAL_STREAM: `${String(dev)}:${String(ino)}`,
    }
    expect(readServiceEnvironment(environment, 7)).toMatchObject({
      notifySocket: '@abstract',
      watchdogMs: 60_000,
      isJournal: true,
    })
  })

  test('is forgotten, and nothing else', () => {
    const environment = { LISTEN_PID: '7', LISTEN_FDS: '1', NOTIFY_SOCKET: '/n', JOURNAL_STREAM: '1:1', LISTEN_ON: 'x' }
    forgetServiceEnvironment(environment)
    expect(environment).toEqual({ LISTEN_ON: 'x' })
  })
})
