import type { Answer } from '../../../http/answer.ts'
import { ExchangeView, ReplyView } from '../../../http/exchange-view.ts'
import type { ByteSink, Exchange, Reply, ResponseHead } from '../../../http/exchange.ts'
import { type Headers, pairsOf, RawHeaders } from '../../../http/headers.ts'
import { readTarget } from '../../../http/target.ts'
import { readCredentials } from '../authentication/credentials.ts'
import type { Execute } from '../module.ts'
import type { ErrorFiles } from './error-files.ts'
import type { ErrorResponse } from './http-errors-settings.ts'

/** What a configuration sends instead of an error. */
export interface CustomErrors {
  /** Undefined: nothing is configured for this status and substatus. */
  find(status: number, substatus: number): ErrorResponse | undefined
  readonly files: ErrorFiles
  /** Whether responses of the application are replaced as well. */
  readonly replacesExisting: boolean
  /** Whether Authorization with this scheme (in lower case) is for ancmd, and no business of the application. */
  readonly takesCredentials: (scheme: string) => boolean
}

/** The reply of an exchange under `<httpErrors>`: sends a file, a redirect or another response instead of an error. */
export class CustomErrorReply extends ReplyView {
  readonly #exchange: Exchange
  readonly #errors: CustomErrors
  readonly #execute: Execute

  constructor(behind: Reply, exchange: Exchange, errors: CustomErrors, execute: Execute) {
    super(behind)
    this.#exchange = exchange
    this.#errors = errors
    this.#execute = execute
  }

  override answer(answer: Answer): void {
    const isOurs = answer.isErrorPage === true || this.#errors.replacesExisting
    if (answer.status < 400 || !isOurs || !this.#replace(answer)) super.answer(answer)
  }

  override begin(head: ResponseHead): ByteSink {
    if (head.status < 400 || !this.#errors.replacesExisting) return super.begin(head)
    const headers = withoutContent(head.headers)
    const answer = { status: head.status, substatus: 0, reason: head.reason, headers, body: '', close: false }
    return this.#replace(answer) ? discarding : super.begin(head)
  }

  /** False: nothing can be sent instead of this answer. */
  #replace(answer: Answer): boolean {
    const found = this.#errors.find(answer.status, answer.substatus)
    if (found === undefined) return false
    switch (found.responseMode) {
      case 'File': {
        const file = this.#errors.files.read(found.path)
        if (file === undefined) return false
        const headers = [...withoutContent(answer.headers), 'Content-Type', file.contentType]
        this.behind.answer({ ...answer, headers, body: file.body })
        return true
      }
      case 'Redirect': {
        const headers = ['Location', found.path, 'Content-Type', 'text/plain; charset=utf-8']
        this.behind.answer({ ...answer, status: 302, reason: 'Found', headers, body: `${found.path}\n` })
        return true
      }
      case 'ExecuteURL': {
        const target = readTarget('GET', found.path)
        if (!target.ok) return false
        this.#execute(
          new ExchangeView(this.#exchange, {
            asGet: true,
            target: target.value.target,
            path: target.value.path,
            headers: this.#headersForPage(),
            reply: new ExecutedReply(this.behind, answer),
          }),
        )
        return true
      }
    }
  }

  /** The client's fields as the application may see them: no module has taken anything off them. */
  #headersForPage(): RawHeaders {
    const { headers } = this.#exchange
    const kept = pairsOf(filtered(flatOf(headers), notForPage))
    const scheme = readCredentials(headers)?.scheme
    if (scheme === undefined || !this.#errors.takesCredentials(scheme)) return new RawHeaders(kept.flat())
    return new RawHeaders(kept.filter(([name]) => name.toLowerCase() !== 'authorization').flat())
  }
}

/** The reply to the request that is made for an error: the response has the status of the error. */
class ExecutedReply extends ReplyView {
  readonly #error: Answer

  constructor(behind: Reply, error: Answer) {
    super(behind)
    this.#error = error
  }

  override begin(head: ResponseHead): ByteSink {
    const { status, reason, close } = this.#error
    const kept = withFieldsOfError(head.headers, this.#error.headers)
    const headers = close ? [...kept, 'Connection', 'close'] : kept
    // A response that may have no body, such as a 304, would be none for the error.
    if (head.status === 204 || head.status === 304) {
      this.answer()
      return discarding
    }
    return super.begin({ status, reason, headers })
  }

  /** The application has not answered: the error itself is sent, so that no error leads to another. */
  override answer(): void {
    super.answer(this.#error)
  }
}

/** Takes the body of a response that is replaced. */
const discarding: ByteSink = Object.freeze({
  write: () => true,
  end: () => undefined,
  fail: () => undefined,
  onDrain: () => undefined,
})

/** What an error has to say besides its page (RFC 9110 15.5 and 15.6): a 405 without Allow, for example, is none. */
const errorFields =
  /^(?:www-authenticate|proxy-authenticate|allow|retry-after|content-range|upgrade|accept|accept-(?:encoding|patch|post))$/i

/** The fields of a page with those of the error that it is sent for, in place of its own of these names. */
function withFieldsOfError(page: readonly string[], error: readonly string[]): readonly string[] {
  const kept = pairsOf(error).filter(([name]) => errorFields.test(name))
  const names = new Set(kept.map(([name]) => name.toLowerCase()))
  return [...pairsOf(page).filter(([name]) => !names.has(name.toLowerCase())), ...kept].flat()
}

/** Fields of the body that is replaced. Content-Range is not one of them: a 416 tells the size by it. */
const contentFields =
  /^(?:content-(?:type|length|encoding|language|location|disposition|digest|md5)|(?:repr-)?digest|transfer-encoding|trailer|etag|last-modified|accept-ranges)$/i

function withoutContent(flat: readonly string[]): readonly string[] {
  return filtered(flat, contentFields)
}

/**
 * Fields of a body, of its ranges, and of what the client knows of the address that it has asked for; and the one by
 * which an application is told of that address, which no client can send.
 */
const notForPage = /^(?:content-.*|transfer-encoding|trailer|expect|range|if-.*|x[_-]original[_-]url)$/i

function flatOf(headers: Headers): readonly string[] {
  const flat: string[] = []
  headers.each((name, value) => flat.push(name, value))
  return flat
}

function filtered(flat: readonly string[], names: RegExp): readonly string[] {
  const kept: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    if (!names.test(flat[i] as string)) kept.push(flat[i] as string, flat[i + 1] as string)
  }
  return kept
}
