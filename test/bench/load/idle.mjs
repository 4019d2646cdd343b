// So many keep-alive connections, each used once, then held until the standard input ends.
import { once } from 'node:events'
import { connect } from 'node:net'
import { AnswerReader } from './answers.mjs'
import { requestBytes } from './request.mjs'

/** How many are opened at a time, so that few connections to the app are needed. */
const atOnce = 16

/** Says how many connections are open. */
export async function holdIdle(task) {
  const request = requestBytes(task)
  const sockets = []
  let wanted = task.connections
  const worker = async () => {
    while (wanted-- > 0) sockets.push(await usedOnce(task.port, request))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  console.log(JSON.stringify({ open: sockets.filter((socket) => !socket.destroyed).length }))
  process.stdin.resume()
  await once(process.stdin, 'end')
  for (const socket of sockets) socket.destroy()
}

function usedOnce(port, request) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const answers = new AnswerReader((status) =>
      status === 200 ? resolve(socket) : reject(new Error(`answered with ${status}`)),
    )
    socket.on('data', (bytes) => answers.read(bytes))
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('closed before it answered')))
    socket.write(request)
  })
}
