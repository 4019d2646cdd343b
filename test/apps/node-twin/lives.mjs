// Endpoints about time and endings: waits, aborts, crashes, shutdown, output.
import { writeFileSync, writeSync } from 'node:fs'
import { answerText, put } from './replies.mjs'

let waitingRequests = 0
const kept = []

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const query = (cx, name, fallback) => new URLSearchParams(cx.query).get(name) ?? fallback

export const lives = {
  async DoSleep({ res, rest }) {
    await pause(rest === '' ? 1000 : Number(rest))
    answerText(res, 'Running')
  },
  MemoryLeak({ res, rest }) {
    kept.push(Buffer.alloc(Number(rest || '1') * 1024, 1))
    answerText(res, `kept ${kept.reduce((sum, block) => sum + block.length, 0)} bytes`)
  },
  async WaitForAppToStartShuttingDown({ res, life }) {
    await put(res, 'test1')
    await new Promise((resolve) => {
      const forget = life.onStopping(resolve)
      res.once('close', () => {
        forget?.()
        resolve()
      })
    })
    res.end('test2')
  },
  /** Ends only when the client goes. */
  async WaitForAbort({ res }) {
    waitingRequests += 1
    res.flushHeaders()
    await new Promise((resolve) => res.once('close', resolve))
    waitingRequests -= 1
  },
  WaitingRequestCount: ({ res }) => answerText(res, String(waitingRequests)),
  Abort: ({ req }) => req.socket.destroy(),
  Throw() {
    throw new Error('Throw')
  },
  Shutdown({ res, life }) {
    answerText(res, 'Shutting down')
    res.once('close', () => life.stop())
  },
  Crash: (cx) => process.exit(Number(query(cx, 'code', '1'))),
  CrashBySignal: () => process.kill(process.pid, 'SIGKILL'),
  ConsoleWrite({ res }) {
    writeSync(1, 'TEST MESSAGE\n')
    answerText(res, 'Hello World')
  },
  ConsoleErrorWrite({ res }) {
    writeSync(2, 'TEST MESSAGE\n')
    answerText(res, 'Hello World')
  },
  CreateFile({ res }) {
    writeFileSync('Started.txt', '')
    answerText(res, 'Hello World')
  },
}
