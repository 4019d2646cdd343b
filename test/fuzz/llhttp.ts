import { createRequire } from 'node:module'

/** What this needs of the binding that node:http reads with. */
export interface Binding {
  initialize(type: number, resource: object, maxHeaderSize: number, lenientFlags: number): void
  /** How many bytes were taken, or what is wrong with them. */
  execute(bytes: Buffer): number | Error
  /** Nothing more comes. */
  finish(): unknown
  [callback: number]: unknown
}

interface BindingClass {
  new (): Binding
  readonly REQUEST: number
  readonly RESPONSE: number
  readonly kLenientNone: number
  readonly kOnHeaders: number
  readonly kOnHeadersComplete: number
  readonly kOnBody: number
  readonly kOnMessageComplete: number
}

export const { HTTPParser } = createRequire(import.meta.url)('_http_common') as { HTTPParser: BindingClass }
