import { describe, expect, test } from 'vitest'
import { ownPath } from '../../../src/config/own-path.ts'

describe('a path that the daemon opens, off Windows', () => {
  test.each([
    ['.\\logs\\stdout', '/app/logs/stdout'],
    ['logs/stdout', '/app/logs/stdout'],
    ['..\\logs\\stdout.log', '/logs/stdout.log'],
    ['.\\Logs\\Stdout\\', '/app/Logs/Stdout/'],
    ['.\\', '/app/'],
    ['\\\\?\\/home/shop\\LogFiles\\stdout', '/home/shop/LogFiles/stdout'],
    ['/var/log/shop', '/var/log/shop'],
    ['\\var\\log\\shop', '/var/log/shop'],
  ])('%s is %s', (written, expected) => {
    expect(ownPath(written, '/app', false)).toEqual({ path: expected, unusableBecause: undefined })
  })

  test.each([
    ['C:\\\\Logs\\shop\\stdout', '/app/logs/stdout', 'this system has no drives'],
    ['d:stdout', '/app/logs/stdout', 'this system has no drives'],
    ['D:\\Logs\\', '/app/logs/', 'this system has no drives'],
    ['\\\\?\\C:\\Logs\\stdout', '/app/logs/stdout', 'this system has no drives'],
    ['\\\\server\\share\\stdout', '/app/logs/stdout', 'this system has no network shares of that form'],
    ['\\\\?\\UNC\\server\\share\\stdout', '/app/logs/stdout', 'this system has no network shares of that form'],
    ['\\\\?\\%home%\\LogFiles\\stdout', '/app/logs/stdout', '%home% has no value here'],
  ])('%s cannot be used; %s is', (written, path, unusableBecause) => {
    expect(ownPath(written, '/app', false)).toEqual({ path, unusableBecause })
  })
})

describe('a path that the daemon opens, on Windows', () => {
  test.each([
    ['.\\logs\\stdout', 'C:\\app\\logs\\stdout'],
    ['logs/stdout', 'C:\\app\\logs\\stdout'],
    ['D:\\Logs\\', 'D:\\Logs\\'],
    ['\\\\?\\D:\\LogFiles\\stdout', 'D:\\LogFiles\\stdout'],
    ['\\\\server\\share\\logs\\stdout', '\\\\server\\share\\logs\\stdout'],
  ])('%s is %s', (written, expected) => {
    expect(ownPath(written, 'C:\\app', true)).toEqual({ path: expected, unusableBecause: undefined })
  })
})
