import { once } from 'node:events'
import { connect } from 'node:net'
import type { KestrelReading } from './kestrel.ts'

/** What Kestrel made of one request. */
export type KestrelAnswer =
  | { readonly kind: 'read'; readonly reading: KestrelReading }
  /** To a HEAD there is a head only. */
  | { readonly kind: 'answered' }
  | { readonly kind: 'refused'; readonly status: number }

/** Requests on one connection. */
export interface Sent {
  readonly bytes: string
  readonly methods: readonly string[]
  /** The last of them ends the connection. */
  readonly ends: boolean
}

/** Behind everything else: it makes the connection end, so that nobody need wait for what does not come. */
const LAST = 'GET /last HTTP/1.1\r\nHost: last\r\nConnection: close\r\n\r\n'

/** Only for broken runs, in which more bytes are waited for than a request has. */
const LIMIT = 20_000

/** Sends them and answers what was made of them, in order, up to one that was refused. */
export async function askKestrel(port: number, { bytes, methods, ends }: Sent): Promise<KestrelAnswer[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const pieces: Buffer[] = []
  let cause: Error | undefined
  const timer = setTimeout(() => {
    socket.destroy(new Error('more is waited for'))
  }, LIMIT)
  socket.on('error', (error) => {
    cause = error
  })
  socket.on('data', (piece: Buffer) => pieces.push(piece))
  const closed = once(socket, 'close')
  socket.write(ends ? bytes : bytes + LAST, 'latin1')
  await closed
  clearTimeout(timer)
  const answers = readAnswers(Buffer.concat(pieces).toString('latin1'), ends ? methods : [...methods, 'GET'])
  if (answers.at(-1)?.kind === 'refused') return answers
  if (cause !== undefined) throw new Error(`${String(cause)}, behind ${JSON.stringify(answers)}`)
  if (ends) return answers
  const last = answers.pop()
  if (last?.kind !== 'read' || last.reading.target !== '/last') {
    throw new Error(`something else was read as the last request: ${JSON.stringify(last)}`)
  }
  return answers
}

function readAnswers(received: string, methods: readonly string[]): KestrelAnswer[] {
  const answers: KestrelAnswer[] = []
  let rest = received
  for (const method of methods) {
    rest = rest.replace(/^(?:HTTP\/1\.1 100 Continue\r\n\r\n)+/, '')
    const end = rest.indexOf('\r\n\r\n') + 4
    if (end < 4) return answers
    const head = rest.slice(0, end)
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1])
    const length = method === 'HEAD' ? 0 : Number(/\r\nContent-Length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (status !== 200) return [...answers, { kind: 'refused', status }]
    if (rest.length < end + length) return answers
    if (method === 'HEAD') answers.push({ kind: 'answered' })
    else answers.push({ kind: 'read', reading: JSON.parse(rest.slice(end, end + length)) as KestrelReading })
    rest = rest.slice(end + length)
  }
  if (rest !== '') throw new Error(`more was answered than asked: ${JSON.stringify(rest)}`)
  return answers
}
