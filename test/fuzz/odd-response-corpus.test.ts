import { expect, onTestFinished, test } from 'vitest'
import { HandClock } from '../support/hand-clock.ts'
import { connectRaw } from '../support/raw-client.ts'
import { oddResponses } from './corpus/odd-responses.ts'
import { OddApp } from './odd-app.ts'
import { ask, openPipe, passTime } from './odd-pipe.ts'

/** Nobody here waits for anything but what is in this process. */
const LIMIT = 10_000

test.each(
  oddResponses,
)('$name: the client gets the whole response or sees that it is not, and the next response is right', {
  timeout: LIMIT,
}, async (odd) => {
  const clock = new HandClock()
  const app = new OddApp([{ pieces: odd.pieces.map((piece) => Buffer.from(piece, 'latin1')), then: odd.then }])
  const pipe = await openPipe(clock, await app.open())
  onTestFinished(() => {
    pipe.close()
    app.close()
  })
  const { port } = pipe
  const asked = ask(port, '/odd/0', odd.method)
  const answer = await (odd.hangs ? passTime(clock, asked) : asked)
  if (odd.body === undefined) expect(answer.whole).toBe(false)
  else expect(answer.whole && answer.body).toBe(odd.body)
  app.speak(odd.late)
  // Whatever came behind has come, and has cost the connection.
  if (!odd.keeps) await app.allClosed()
  await expectHonest(port)
  expect(app.accepted).toBe(odd.keeps ? 1 : 2)
})

test('a response before the end of its request: the connection with the unfinished request is not used again', async () => {
  const app = new OddApp([
    { pieces: [Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly')], then: 'stays' },
  ])
  const pipe = await openPipe(new HandClock(), await app.open())
  const client = await connectRaw(pipe.port)
  onTestFinished(() => {
    client.destroy()
    pipe.close()
    app.close()
  })
  client.send('GET /odd/0 HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf')
  await client.until('early')
  await app.allClosed()
  await expectHonest(pipe.port)
  expect(app.accepted).toBe(2)
})

async function expectHonest(port: number): Promise<void> {
  for (const number of ['1', '22', '333']) {
    const honest = await ask(port, `/sentinel/${number}`)
    expect(honest.whole && honest.body).toBe(number)
  }
}
