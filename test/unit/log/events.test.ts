import { expect, test } from 'vitest'
import type { Level, Log, LogEntry } from '../../../src/log/entry.ts'
import * as accessLogEvents from '../../../src/log/access-log-events.ts'
import * as certificateEvents from '../../../src/log/certificate-events.ts'
import * as events from '../../../src/log/events.ts'
import * as process from '../../../src/log/process-events.ts'

const app = '/LM/W3SVC/1/ROOT'
const file = '/srv/web.config'
const place = { file, line: 3, column: 7, text: 'odd.', cure: 'Mend it.' }
const start = { app, physicalPath: '/srv', commandLine: 'app', step: 'create-process', cause: 'exited', port: 1 }
const exit = { app, pid: 7, port: 1, code: 3, signal: null, uptimeMs: 5, lastLines: ['bye'] }
const forward = { app, method: 'GET', path: '/', kind: 'connect', started: false, error: 'gone', pid: 7 }

/** Name, level and id are what scripts wait for; the text says what matters. */
const table: readonly [string, Level, number | undefined, string, (log: Log) => void][] = [
  ['starting', 'debug', undefined, 'ancmd 1.2 starts', (log) => events.starting(log, { version: '1.2', pid: 1, node: 'v20' })],
  ['listening', 'info', undefined, 'listening on http://a', (log) => events.listening(log, { url: 'http://a', port: 1, address: '*', engine: 'wire' })],
  ['listenFailed', 'error', undefined, 'taken. Choose', (log) => events.listenFailed(log, { port: 1, code: 'x', msg: 'taken', cure: 'Choose' })],
  ['certificateNotice', 'warn', undefined, 'c.pem:3:1: warning: odd', (log) => certificateEvents.certificateNotice(log, { file: 'c.pem', text: 'c.pem:3:1: warning: odd' })],
  ['certificateRenewed', 'info', undefined, 'c.pem was renewed and is in force, valid until 2030', (log) => certificateEvents.certificateRenewed(log, { file: 'c.pem', validTo: '2030' })],
  ['certificateExpiring', 'warn', undefined, 'c.pem expires in 5 days. Renew it', (log) => certificateEvents.certificateExpiring(log, { file: 'c.pem', validTo: '2030', days: 5 })],
  ['certificateExpired', 'warn', undefined, 'c.pem has expired (2020). Renew it', (log) => certificateEvents.certificateExpired(log, { file: 'c.pem', validTo: '2020' })],
  ['certificateRejected', 'error', undefined, 'a certificate cannot be used: c.pem:0:0', (log) => certificateEvents.certificateRejected(log, { file: 'c.pem', text: 'c.pem:0:0', kept: false })],
  ['certificateRejected', 'error', undefined, 'the one before stays in force: c', (log) => certificateEvents.certificateRejected(log, { file: 'c.pem', text: 'c', kept: true })],
  ['applicationAdded', 'info', undefined, "'/' is hosted from /srv", (log) => events.applicationAdded(log, { app, path: '/', physicalPath: '/srv' })],
  ['configNotice', 'warn', undefined, `${file}:3:7: odd. Mend it.`, (log) => events.configNotice(log, { app, level: 'warning', ...place })],
  ['configNotice', 'info', undefined, `${file}:3:7: odd.`, (log) => events.configNotice(log, { app, level: 'notice', ...place, cure: undefined })],
  ['configRejected', 'error', 1034, 'requests get 500.19', (log) => events.configRejected(log, { app, file, kept: false, problems: ['a'] })],
  ['configRejected', 'error', 1034, 'the one before stays in force', (log) => events.configRejected(log, { app, file, kept: true, problems: ['a'] })],
  ['configAccepted', 'info', undefined, 'can be used again', (log) => events.configAccepted(log, { app, file })],
  ['debugFileFailed', 'warn', undefined, 'cannot be written (ENOSPC)', (log) => events.debugFileFailed(log, { app, file, code: 'ENOSPC' })],
  ['applicationOffline', 'info', 1012, 'is offline because of', (log) => events.applicationOffline(log, { app, file })],
  ['applicationOnline', 'info', undefined, 'is online again', (log) => events.applicationOnline(log, { app })],
  ['applicationRecycled', 'info', 1021, 'is recycled: SIGHUP', (log) => events.applicationRecycled(log, { app, reason: 'SIGHUP' })],
  ['clientWouldBeDenied', 'info', undefined, '192.0.2.1 would be denied (maxRequests="20")', (log) => events.clientWouldBeDenied(log, { app: 'a', remoteAddress: '192.0.2.1', setting: 'maxRequests="20"' })],
  ['requestRefused', 'info', undefined, 'refused with 413.1: body-too-large', (log) => events.requestRefused(log, { status: 413, substatus: 1, reason: 'body-too-large', remoteAddress: 'a' })],
  ['requestsRefused', 'info', undefined, '9 more were refused with 400', (log) => events.requestsRefused(log, { app, status: 400, substatus: 0, reason: 'bad-request', count: 9 })],
  ['forwardFailed', 'debug', undefined, "on the client's side: gone", (log) => events.forwardFailed(log, { ...forward, side: 'client' })],
  ['forwardFailed', 'warn', undefined, "on the application's side: gone", (log) => events.forwardFailed(log, { ...forward, side: 'application' })],
  ['bug', 'error', undefined, 'a bug in ancmd (request): Error: x', (log) => events.bug(log, { error: 'Error: x', stack: 'at', where: 'request' })],
  ['stopping', 'info', undefined, 'stopping: SIGTERM', (log) => events.stopping(log, { reason: 'SIGTERM' })],
  ['stopped', 'info', undefined, 'stopped', (log) => events.stopped(log, { exitCode: 0, clean: true })],
  ['stopped', 'info', undefined, 'without waiting', (log) => events.stopped(log, { exitCode: 1, clean: false })],
  ['outputDropped', 'warn', undefined, '9 bytes for stdout were dropped', (log) => events.outputDropped(log, { stream: 'stdout', bytes: 9 })],
  ['accessLogFailed', 'warn', undefined, 'a.log cannot be written (ENOSPC)', (log) => accessLogEvents.accessLogFailed(log, { file: 'a.log', code: 'ENOSPC', fatal: false })],
  ['accessLogFailed', 'error', undefined, 'a.log cannot be written (EISDIR). It is a folder: name a file in it', (log) => accessLogEvents.accessLogFailed(log, { file: 'a.log', code: 'EISDIR', fatal: true })],
  ['accessLogIncomplete', 'warn', undefined, '7 lines are missing in the access log a.log', (log) => accessLogEvents.accessLogIncomplete(log, { file: 'a.log', lines: 7 })],
  ['request', 'debug', undefined, 'GET / 200', (log) => events.accessed(log, { method: 'GET', path: '/', status: 200, bytes: 1, ms: 1, remoteAddress: 'a', aborted: false })],
  ['processStarted', 'info', 1001, 'listens on port 1 after 5 ms', (log) => process.processStarted(log, { app, pid: 7, listeningPid: 7, port: 1, ms: 4.6, attempt: 1 })],
  ['pairingNotChecked', 'warn', undefined, 'does not check the pairing token', (log) => process.pairingNotChecked(log, { app, pid: 7 })],
  ['initializationFailed', 'warn', undefined, "was not initialized by /warmup: its status is 500", (log) => process.initializationFailed(log, { app, pid: 7, page: '/warmup', reason: 'its status is 500' })],
  ['processStartAttemptFailed', 'warn', 1000, 'it ended', (log) => process.processStartAttemptFailed(log, { ...start, attemptsLeft: 1, text: 'it ended' })],
  ['processStartFailed', 'error', 1020, 'could not be started: it ended', (log) => process.processStartFailed(log, { ...start, text: 'it ended', ms: 1, lastLines: [], advice: [] })],
  ['processExited', 'warn', 1030, 'ended with code 3, unasked', (log) => process.processExited(log, { ...exit, expected: false })],
  ['processExited', 'info', 1030, 'ended by SIGTERM', (log) => process.processExited(log, { ...exit, code: null, signal: 'SIGTERM', expected: true })],
  ['rapidFailTripped', 'warn', 1003, "more than '10' times within a minute", (log) => process.rapidFailTripped(log, { app, limit: 10 })],
  ['stdoutLogFailed', 'warn', 1004, 'runs without it', (log) => process.stdoutLogFailed(log, { app, stdoutLogFile: 'logs', file, code: 'EACCES' })],
  ['stdoutLogIncomplete', 'warn', undefined, '9 bytes of output are missing', (log) => process.stdoutLogIncomplete(log, { app, file, code: 'ENOSPC', bytes: 9 })],
  ['gracefulShutdownRequested', 'info', 1006, 'the answer was 202', (log) => process.gracefulShutdownRequested(log, { app, pid: 7, status: 202, error: undefined })],
  ['gracefulShutdownRequested', 'info', 1006, 'could not be sent (ECONNREFUSED)', (log) => process.gracefulShutdownRequested(log, { app, pid: 7, status: null, error: 'ECONNREFUSED' })],
  ['processKilled', 'warn', 1005, 'did not end within shutdownTimeLimit', (log) => process.processKilled(log, { app, pid: 7 })],
  ['commandNoted', 'info', undefined, 'odd', (log) => process.commandNoted(log, { app, text: 'odd' })],
] // biome-ignore format: a table

test.each(table)('%s is an event at %s with id %s: … %s …', (event, level, eventId, text, tell) => {
  const entries: [Level, LogEntry][] = []
  tell({ isEnabled: () => true, write: (at, entry) => void entries.push([at, entry]) })
  expect(entries.map(([at, entry]) => [entry.event, at, entry.eventId])).toEqual([[event, level, eventId]])
  expect(entries[0]?.[1].msg).toContain(text)
})
