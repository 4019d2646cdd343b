// One request after the other on each of so many connections, for so many seconds.
import { connect } from 'node:net'
import { AnswerReader } from './answers.mjs'
import { requestBytes } from './request.mjs'
import { openTally } from './tally.mjs'

export async function loadHttp(task) {
  const request = requestBytes(task)
  const onceOnly = task.headers?.Connection === 'close'
  const tally = openTally()
  const open = new Set()
  let over = false

  function client() {
    let since = 0
    const socket = connect({ port: task.port, host: '127.0.0.1', noDelay: true })
    open.add(socket)
    const ask = () => {
      since = performance.now()
      socket.write(request)
    }
    const answers = new AnswerReader((status) => {
      if (over) return
      if (status === 200) tally.count(since)
      else tally.fail()
      if (!onceOnly) ask()
    })
    socket.once('connect', ask)
    socket.on('data', (bytes) => answers.read(bytes))
    socket.on('error', () => {
      if (!over) tally.fail()
    })
    socket.once('close', (failed) => {
      open.delete(socket)
      if (over) return
      if (!onceOnly && !failed) tally.fail()
      client()
    })
  }

  for (let i = 0; i < task.connections; i++) client()
  await new Promise((resolve) => setTimeout(resolve, task.seconds * 1000))
  over = true
  for (const socket of open) socket.destroy()
  return tally.result()
}
