import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { answerFailure } from '../../../http/answer.ts'
import type { ByteSink, Exchange, Reply } from '../../../http/exchange.ts'
import { sendAnswer } from '../../../http/request-record.ts'
import { type FileFacts, judgeConditions } from './conditions.ts'

/** How files are sent. */
export interface FileSending {
  readonly cacheControl?: string | undefined
  readonly expires?: string | undefined
  readonly setEtag: boolean
}

/** How much of a file is read at a time. */
const CHUNK_BYTES = 65_536

const reasons = {
  200: 'OK',
  206: 'Partial Content',
  304: 'Not Modified',
  412: 'Precondition Failed',
  416: 'Range Not Satisfiable',
} as const

/**
 * Sends a file, or the part of it that was asked for, to a GET or a HEAD. Settles when all of it is written or the
 * client has gone; the file is closed then, whatever has happened. A file that becomes shorter meanwhile breaks the
 * response off.
 *
 * @param path absolute, without symbolic links
 */
export async function sendFile(exchange: Exchange, path: string, type: string, sending: FileSending): Promise<void> {
  const { reply } = exchange
  const file = await openFile(path)
  if (file === undefined) {
    if (!reply.gone) sendAnswer(exchange, answerFailure({ kind: 'file-not-found' }, pageFor(exchange)))
    return
  }
  try {
    const { size, mtimeMs } = await file.stat()
    if (reply.gone) return
    const modifiedMs = Math.floor(mtimeMs / 1000) * 1000
    const tag = sending.setEtag ? `"${Math.trunc(mtimeMs).toString(16)}-${size.toString(16)}"` : undefined
    await sendJudged(exchange, file, type, { size, modifiedMs, tag }, sending)
  } finally {
    await file.close()
  }
}

async function sendJudged(
  exchange: Exchange,
  file: FileHandle,
  type: string,
  facts: FileFacts,
  { cacheControl, expires }: FileSending,
): Promise<void> {
  const { reply, method, headers } = exchange
  const verdict = judgeConditions(method, headers, facts)
  const { status } = verdict
  const isWhole = status === 200
  const fields = ['Last-Modified', new Date(facts.modifiedMs).toUTCString(), 'Accept-Ranges', 'bytes']
  if (facts.tag !== undefined) fields.push('ETag', facts.tag)
  if (status !== 412 && status !== 416) {
    fields.push('Content-Type', type)
    if (cacheControl !== undefined) fields.push('Cache-Control', cacheControl)
    if (expires !== undefined) fields.push('Expires', expires)
  }
  const [from, to] = verdict.status === 206 ? [verdict.from, verdict.to] : [0, isWhole ? facts.size : 0]
  if (status === 206) fields.push('Content-Range', `bytes ${String(from)}-${String(to - 1)}/${String(facts.size)}`)
  if (status === 416) fields.push('Content-Range', `bytes */${String(facts.size)}`)
  if (status !== 304) fields.push('Content-Length', String(to - from))
  const sink = reply.begin({ status, reason: reasons[status], headers: fields, isStatic: true })
  if (method === 'HEAD' || from === to) sink.end()
  else await pour(file, from, to, sink, reply)
}

async function pour(file: FileHandle, from: number, to: number, sink: ByteSink, reply: Reply): Promise<void> {
  let wake: (() => void) | undefined
  const goOn = (): void => {
    wake?.()
  }
  const isGone = (): boolean => reply.gone
  sink.onDrain(goOn)
  reply.onGone(goOn)
  try {
    let at = from
    while (at < to && !isGone()) {
      const wanted = Math.min(CHUNK_BYTES, to - at)
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, at)
      if (bytesRead === 0) throw new Error('the file has become shorter while it was sent')
      at += bytesRead
      if (sink.write(buffer.subarray(0, bytesRead)) || isGone()) continue
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    if (!isGone()) sink.end()
  } catch (error) {
    sink.fail(error)
  }
}

/** Undefined: it has gone since it was found, or may not be read. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    // A pipe that stands where the file was must not keep the daemon waiting.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
}

function pageFor({ headers }: Exchange): { readonly accept: string | undefined } {
  return { accept: headers.get('accept') }
}
