import { basename } from 'node:path'
import type { StaticModules } from '../../../config/model.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { GateAnswer } from '../module.ts'
import type { DefaultDocumentSettings } from './default-document.ts'
import { type Found, findResource } from './resources.ts'
import { type FileSending, sendFile } from './send-file.ts'
import { createMediaTypes, type StaticContentSettings } from './static-content.ts'

/** What is looked at for a path, and what is answered for it. */
export interface StaticHandler {
  /** @param path decoded, below the application's folder */
  find(path: string): Promise<Found>
  answer(exchange: Exchange, found: Found, modules: StaticModules): Promise<GateAnswer>
}

const setting = '<handlers>'
const notFound: GateAnswer = { failure: { kind: 'file-not-found' }, setting }
const withheld: GateAnswer = { failure: { kind: 'file-withheld' }, setting: 'a file of the application itself' }
const unknownType: GateAnswer = { failure: { kind: 'unknown-file-type' }, setting: '<staticContent> without <mimeMap>' }
const notListed: GateAnswer = { failure: { kind: 'listing-denied' }, setting: '<directoryBrowse>' }
const notAllowed: GateAnswer = { failure: { kind: 'method-not-allowed' }, setting }

/** Serves files below the application's folder. */
export function createStaticHandler(
  root: string,
  content: StaticContentSettings,
  { files: documents }: DefaultDocumentSettings,
): StaticHandler {
  const typeOf = createMediaTypes(content)
  const sending: FileSending = content
  const fileAnswer = (path: string): GateAnswer => {
    const type = typeOf(basename(path))
    return type === undefined ? unknownType : { serves: (exchange) => sendFile(exchange, path, type, sending) }
  }
  return {
    find: (path) => findResource(root, path),
    answer: async (exchange, found, modules) => {
      if (found === 'private') return withheld
      if (found === 'none') return notFound
      if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return notAllowed
      if (found.kind === 'file') return modules.files ? fileAnswer(found.path) : notFound
      if (!exchange.path.endsWith('/')) return { answer: withSlash(exchange) }
      for (const name of modules.documents ? documents : []) {
        const document = await findResource(found.path, name)
        if (typeof document === 'object' && document.kind === 'file') return fileAnswer(document.path)
      }
      return notListed
    },
  }
}

/** The address of a folder ends with a slash, so that relative links in its document lead below it. */
function withSlash({ target, originalTarget }: Exchange) {
  const asked = originalTarget ?? target
  const at = asked.indexOf('?')
  const path = at < 0 ? asked : asked.slice(0, at)
  // Two slashes at the beginning would name another host.
  const location = `${path.replace(/^[/\\]+/, '/')}/${at < 0 ? '' : asked.slice(at)}`
  const headers = ['Location', location, 'Content-Type', 'text/plain; charset=utf-8']
  return { status: 301, substatus: 0, reason: 'Moved Permanently', headers, body: `${location}\n`, close: false }
}
