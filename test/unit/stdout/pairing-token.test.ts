import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStdoutLog } from '../../../src/stdout/stdout-log.ts'
import { HandClock } from '../../support/hand-clock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stdout-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('the pairing token', () => {
  const token = '1a2b3c4d-0000-4000-8000-aabbccddeeff'

  function concealing() {
    const clock = new HandClock()
    const passed: string[] = []
    const keep = {
      write: (chunk: Uint8Array): void => {
        passed.push(Buffer.from(chunk).toString())
      },
    }
    const nothing = (): void => undefined
    const log = openStdoutLog({
      filePrefix: join(folder, 'stdout'),
      pid: 1928,
      clock,
      passThrough: { stdout: keep, stderr: keep },
      onFailure: nothing,
      onLoss: nothing,
    })
    log.conceal(token)
    const write = (stream: 'stdout' | 'stderr', text: string): void => {
      log.write(stream, Buffer.from(text))
    }
    return { log, write, clock, passed }
  }

  /** What close() waits for is the disk's own time. */
  async function contents({ log }: { log: { close(): Promise<void>; path: string | undefined } }): Promise<string> {
    await log.close()
    return readFileSync(log.path ?? '', 'utf8')
  }

  test('gets into neither file, last lines nor passed-through bytes, also in pieces of both streams', async () => {
    const made = concealing()
    made.write('stdout', `out ${token.slice(0, 10)}`)
    made.write('stderr', `err ${token.slice(0, 30)}`)
    made.write('stdout', `${token.slice(10)}\n`)
    made.write('stderr', `${token.slice(30)}\n`)
    expect(made.log.lastLines()).toEqual(['out [pairing token]', 'err [pairing token]'])
    expect(made.passed.join('')).toBe('out err [pairing token]\n[pairing token]\n')
    expect(await contents(made)).toBe('out err [pairing token]\n[pairing token]\n')
  })

  test('delays output that ends with its beginning by 20 ms at most', async () => {
    const made = concealing()
    made.write('stdout', 'Step 1')
    made.write('stderr', 'of 1')
    expect(made.passed.join('')).toBe('Step of ')
    made.clock.advance(19)
    expect(made.passed.join('')).toBe('Step of ')
    made.clock.advance(1)
    expect(made.passed.join('')).toBe('Step of 11')
    made.write('stdout', ' or 1')
    expect(made.passed.join('')).toBe('Step of 11 or ')
    made.clock.advance(20)
    expect(made.passed.join('')).toBe('Step of 11 or 1')
    expect(await contents(made)).toBe('Step of 11 or 1')
  })

  test('is removed as well if a process has printed only its beginning when it ends', async () => {
    const made = concealing()
    made.write('stderr', `token ${token.slice(0, 30)}`)
    expect(await contents(made)).toBe('token [pairing token]')
  })

  test('removes nothing else from the last lines, nor from the end of the file', async () => {
    const made = concealing()
    made.write('stderr', 'exit code 1')
    expect(made.log.lastLines()).toEqual(['exit code 1'])
    made.write('stdout', 'again 1a')
    expect(await contents(made)).toBe('exit code 1again 1a')
    expect(made.passed.join('')).toBe('exit code 1again 1a')
  })
})
