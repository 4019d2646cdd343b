/** Requests that have been read in two ways by somebody, and their honest neighbours. `takes`: how many requests we read. */
export interface Sample {
  readonly name: string
  readonly bytes: string
  /** Requests that are read to their end; a refusal comes after them when `refused`. */
  readonly takes: number
  readonly refused: boolean
}

export const host = 'Host: a\r\n'
export const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'

export const taken = (name: string, bytes: string, takes = 1): Sample => ({ name, bytes, takes, refused: false })
export const refused = (name: string, bytes: string, takes = 0): Sample => ({ name, bytes, takes, refused: true })
export const post = (fields: string, body = ''): string => `POST / HTTP/1.1\r\n${host}${fields}\r\n${body}`
export const get = (fields: string): string => `GET / HTTP/1.1\r\n${host}${fields}\r\n`
export const chunked = (body: string): string => post('Transfer-Encoding: chunked\r\n', body)
