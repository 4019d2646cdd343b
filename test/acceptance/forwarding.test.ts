import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { connectRaw } from '../support/raw-client.ts'
import type { Daemon } from '../support/daemon.ts'
import { startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { editWebConfig } from '../support/folders.ts'
import { eventually } from '../support/eventually.ts'
import { withEachTwin } from '../support/twins.ts'

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }

withEachTwin('bodies', {}, (daemon) => {
  test.each(['a', 'a'.repeat(550)])('fwd-post-form: a form arrives (%#)', async (value) => {
    const body = `FirstName=Mickey&LastName=Mouse&TestData=${value}`
    const answer = await daemon().send('/EchoPostData', { method: 'POST', headers: form, body })
    expect(answer).toMatchObject({ status: 200, text: body })
  })

  test.each([
    '/ReadAndWriteEcho',
    '/ReadAndWriteCopyToAsync',
    '/ReadAndFlushEcho',
  ])('fwd-echo-100k: %s gives 100,000 bytes back', async (path) => {
    const body = 'a'.repeat(100_000)
    expect((await daemon().send(path, { method: 'POST', body })).text).toBe(body)
  })

  test('fwd-echo-100k: each piece twice is twice as long', async () => {
    const answer = await daemon().send('/ReadAndWriteEchoTwice', { method: 'POST', body: 'a'.repeat(10_000) })
    expect(answer.text).toBe('a'.repeat(20_000))
  })

  test('fwd-echo-100k: a body becomes a header', async () => {
    const answer = await daemon().send('/SetHeaderFromBody', { method: 'POST', body: 'Hello World' })
    expect(answer.field('BodyAsString')).toEqual(['Hello World'])
    expect(answer.text).toBe('Hello World')
  })

  test('fwd-echo-100k: reading while writing, 50 times', async () => {
    for (let round = 0; round < 50; round += 1) {
      const answer = await daemon().send('/ReadAndWriteSynchronously', { method: 'POST', body: 'a'.repeat(1_000) })
      expect(answer.body.length).toBe(110_000)
    }
  })

  test('fwd-duplex: each line is answered before the next is sent', async () => {
    const { write, read, end } = talk(daemon(), '/ReadAndWriteEchoLines')
    for (const line of ['one\n', 'two\n', 'three\n']) {
      write(line)
      expect(await read(line.length)).toBe(line)
    }
    await end()
  })

  test('fwd-duplex: a body that comes a byte at a time', async () => {
    const { write, read, end } = talk(daemon(), '/ReadAndWriteSlowConnection')
    for (const byte of 'a slow connection') {
      write(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await read(1_100)).toBe('hello world'.repeat(100))
    await end()
  })

  test('fwd-partial-body: an early answer reaches a client that has not sent everything', async () => {
    const conversation = await connectRaw(daemon().port)
    conversation.send(
      'POST /ReadPartialBody HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhello',
    )
    expect(await conversation.until(/\r\n\r\nhello$/)).toMatch(/^HTTP\/1\.1 200 /)
    conversation.destroy()
  })

  test('HEAD keeps the length and has no body', async () => {
    const answer = await daemon().send('/contentlength', { method: 'HEAD' })
    expect(answer.field('Content-Length')).toEqual(['14'])
    expect(answer.body.length).toBe(0)
  })

  test('Expect: 100-continue is answered and the body arrives', async () => {
    const headers = { ...form, Expect: '100-continue' }
    expect((await daemon().send('/EchoPostData', { method: 'POST', headers, body: 'a=b' })).text).toBe('a=b')
  })
})

withEachTwin('status lines', {}, (daemon, kind) => {
  const ask = (code: number, reason: string, body: string | undefined) => {
    const written = body === undefined ? '' : `&writeBody=True&body=${body}`
    return daemon().send(`/SetCustomErorCode?code=${String(code)}&reason=${reason}${written}`)
  }

  test.each([
    [200, '', 'Body'],
    [200, '', undefined],
    [400, '', 'Body'],
    [400, '', undefined],
    [500, '', 'Body'],
    [500, '', undefined],
    [999, '', 'Body'],
    [999, '', undefined],
  ])('fwd-custom-status: %i with reason "%s" and body %s', async (code, reason, body) => {
    const answer = await ask(code, reason, body)
    expect(answer.status).toBe(code)
    expect(answer.text).toBe(body ?? '')
    const standard: Record<number, string> = { 200: 'OK', 400: 'Bad Request', 500: 'Internal Server Error' }
    if (standard[code] !== undefined) expect(answer.reason).toBe(standard[code])
    else if (kind === 'dotnet') expect(answer.reason).toBe('')
  })

  test.each(['Body', undefined])('fwd-custom-status: 400 with a reason of its own and body %s', async (body) => {
    const answer = await ask(400, 'custom', body)
    expect(answer).toMatchObject({ status: 400, reason: 'custom', text: body ?? '' })
  })

  test.each([401, 403])('%i of the app keeps its fields and gets no page of ours', async (status) => {
    const answer = await daemon().send(status === 401 ? '/Restricted' : '/Forbidden')
    expect(answer).toMatchObject({ status, text: '' })
    expect(answer.field('WWW-Authenticate')).toEqual(status === 401 ? ['Negotiate', 'NTLM'] : [])
  })
})

describe.skipIf(!hasDotnet)('caching in the app', () => {
  test('fwd-caching: an answer is as long the same as the app says, and no longer', async () => {
    const folder = await dotnetApp('test-app')
    await editWebConfig(folder, { environment: { ANCMTestStartupClassName: 'StartupCompressionCaching' } })
    const daemon = await startDaemon(folder)
    const read = async () => daemon.send('/foo.htm', { headers: { 'Accept-Encoding': 'gzip' } })
    const first = await read()
    const second = await read()
    expect(first.field('Content-Encoding')).toEqual(['gzip'])
    expect(first.field('Cache-Control')).toEqual(['public,max-age=10'])
    expect(first.field('Vary').join(', ')).toContain('Accept-Encoding')
    expect(second.field('MyCustomHeader')).toEqual(first.field('MyCustomHeader'))
    expect(second.field('Age')).toHaveLength(1)
    const later = await eventually(
      'the cached answer expires',
      async () => {
        const answer = await read()
        return answer.field('MyCustomHeader')[0] === first.field('MyCustomHeader')[0] ? undefined : answer
      },
      60_000,
    )
    expect(later.status).toBe(200)
  })
})

/** A POST on which request and response are used at the same time. */
function talk(daemon: Daemon, path: string) {
  let received = ''
  let changed: () => void = () => undefined
  let ended = false
  const outgoing = request(`${daemon.url}${path}`, { method: 'POST', agent: false }, (incoming) => {
    incoming.setEncoding('utf8')
    incoming.on('data', (text: string) => {
      received += text
      changed()
    })
    incoming.on('close', () => {
      ended = true
      changed()
    })
  })
  outgoing.flushHeaders()
  return {
    write: (text: string) => outgoing.write(text),
    read: async (length: number) => {
      while (received.length < length && !ended) {
        await new Promise<void>((resolve) => {
          changed = resolve
        })
      }
      const text = received.slice(0, length)
      received = received.slice(length)
      return text
    },
    end: async () => {
      outgoing.end()
      while (!ended) {
        await new Promise<void>((resolve) => {
          changed = resolve
        })
      }
    },
  }
}
