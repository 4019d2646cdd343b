import { describe, expect, it } from 'vitest'
import { processExited, processStarted } from '../../../src/log/process-events.ts'
import type { Level } from '../../../src/log/entry.ts'
import { createLog } from '../../../src/log/log.ts'

function collect(format: 'json' | 'pretty', level: Level = 'info') {
  const lines: string[] = []
  const log = createLog({ format, level, out: (line) => void lines.push(line), colour: false })
  return { log, lines }
}

const started = { app: '/LM/W3SVC/1/ROOT', pid: 17, listeningPid: 18, port: 12_345, ms: 81.6, attempt: 1 }

describe('log', () => {
  it('writes one JSON object a line with time, level, event, eventId, msg and plain fields', () => {
    const { log, lines } = collect('json')
    processStarted(log, started)
    expect(lines).toHaveLength(1)
    expect(lines[0]?.endsWith('\n')).toBe(true)
    const entry = JSON.parse(lines[0] as string) as Record<string, unknown>
    expect(entry).toMatchObject({
      level: 'info',
      event: 'processStarted',
      eventId: 1001,
      pid: 17,
      port: 12_345,
      app: started.app,
    })
    expect(entry['msg']).toBe('process 17 listens on port 12345 after 82 ms')
    expect(new Date(entry['time'] as string).toISOString()).toBe(entry['time'])
  })

  it('writes lines for the journal with their priority, readable ones without a time', () => {
    const lines: string[] = []
    const out = (line: string): void => void lines.push(line)
    for (const format of ['pretty', 'json'] as const) {
      const log = createLog({ format, level: 'debug', out, colour: false, journal: true })
      log.write('warn', { event: 'a', msg: 'text', lines: ['one', 'two'] })
    }
    expect(lines[0]).toBe('<4>warn  text\n<4>    one\n<4>    two\n')
    expect(lines[1]).toMatch(/^<4>\{"level":"warn","time":"/)
  })

  it('writes nothing below its level', () => {
    const { log, lines } = collect('json', 'warn')
    processStarted(log, started)
    expect(lines).toEqual([])
  })

  it('never writes the value of a field named token', () => {
    const { log, lines } = collect('json')
    log.write('info', { event: 'x', msg: 'x', token: 'secret' })
    log.write('info', { event: 'x', msg: 'x', headers: { 'ms-aspnetcore-token': 'secret' } })
    log.write('info', { event: 'x', msg: 'x', env: { ASPNETCORE_TOKEN: 'secret' } })
    expect(lines).toHaveLength(3)
    expect(lines.join('')).not.toContain('secret')
  })

  it('is readable on a terminal: time, level, text, fields, then last lines indented', () => {
    const { log, lines } = collect('pretty')
    processExited(log, {
      app: '/LM/W3SVC/1/ROOT',
      pid: 17,
      port: 12_345,
      code: 3,
      signal: null,
      expected: false,
      uptimeMs: 10,
      lastLines: ['Unhandled exception.', '   at Main()'],
    })
    const [first, ...rest] = (lines[0] as string).trimEnd().split('\n')
    expect(first).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}process 17 ended with code 3, unasked .*port=12345/)
    expect(rest).toEqual(['    Unhandled exception.', '       at Main()'])
  })

  it('writes no control characters to the terminal', () => {
    const { log, lines } = collect('pretty')
    log.write('info', { event: 'x', msg: 'GET /\x9b2J', path: '/\x1b[2J\r\n', lastLines: ['\x1b[31mred', 'a\tb'] })
    const [, text = ''] = /^\S+ info {2}(.*)\n$/s.exec(lines.join('')) ?? []
    expect(text).toBe('GET /\\x9b2J path=/\\x1b[2J\\x0d\\x0a\n    \\x1b[31mred\n    a\tb')
  })

  it('shows the last lines of a process only if it was not asked to end', () => {
    const { log, lines } = collect('json')
    const exit = { app: 'a', pid: 1, port: 2, code: 0, signal: null, uptimeMs: 1, lastLines: ['bye'] }
    processExited(log, { ...exit, expected: true })
    processExited(log, { ...exit, expected: false })
    expect(lines.map((line) => (JSON.parse(line) as { lastLines?: string[] }).lastLines)).toEqual([undefined, ['bye']])
  })
})
