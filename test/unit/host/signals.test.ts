import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { listenForSignals } from '../../../src/host/signals.ts'

function listen() {
  const source = new EventEmitter()
  const asked: string[] = []
  const quiet = listenForSignals(source, {
    stop: (signal) => void asked.push(`stop ${signal}`),
    stopNow: (signal) => void asked.push(`now ${signal}`),
    reload: () => void asked.push('reload'),
    recycle: () => void asked.push('recycle'),
  })
  return { source, asked, quiet }
}

describe('signals', () => {
  it('stop gracefully the first time and at once the second, for SIGTERM and SIGINT alike', () => {
    const { source, asked } = listen()
    source.emit('SIGINT', 'SIGINT')
    source.emit('SIGTERM', 'SIGTERM')
    expect(asked).toEqual(['stop SIGINT', 'now SIGTERM'])
  })

  it('reload on SIGHUP and recycle on SIGUSR2, as often as they come', () => {
    const { source, asked } = listen()
    for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGUSR2']) source.emit(signal, signal)
    expect(asked).toEqual(['reload', 'recycle', 'recycle'])
  })

  it('are not listened for any more after the returned function is called', () => {
    const { source, quiet } = listen()
    quiet()
    expect(source.eventNames()).toEqual([])
  })
})
