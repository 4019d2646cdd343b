import { type Agent, request } from 'node:http'

export interface Sending {
  readonly method?: string
  /** The value of each field by its name; an array becomes several field lines. */
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array
  /** Default: a new connection for each request. */
  readonly agent?: Agent
}

/** A response with its whole body. */
export interface Received {
  readonly status: number
  readonly reason: string
  /** Every value of a field, in order. */
  field(name: string): string[]
  readonly rawHeaders: readonly string[]
  readonly trailers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  readonly text: string
}

/**
 * Sends one request and reads the whole response. The target is sent as written, without normalisation. Rejects when
 * the connection breaks before the response is complete.
 */
export function send(base: string, target: string, sending: Sending = {}): Promise<Received> {
  const { hostname: written, port } = new URL(base)
  const hostname = written.replace(/^\[|\]$/g, '')
  const { method = 'GET', headers = {}, body, agent = false } = sending
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path: target, method, headers, agent }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        if (!incoming.complete) {
          reject(new Error('the response was cut'))
          return
        }
        const whole = Buffer.concat(chunks)
        resolve({
          status: incoming.statusCode ?? 0,
          reason: incoming.statusMessage ?? '',
          field: (name) => fieldOf(incoming.rawHeaders, name),
          rawHeaders: incoming.rawHeaders,
          trailers: incoming.trailers,
          body: whole,
          text: whole.toString(),
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function fieldOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name.toLowerCase()) values.push(rawHeaders[i + 1] ?? '')
  }
  return values
}

/** What the endpoint /RequestInformation reports about the request that reached the app. */
export interface RequestInformation {
  readonly Scheme: string
  readonly Host: string
  readonly PathBase: string
  readonly Path: string
  readonly Query: string
  readonly Method: string
  readonly Protocol: string
  /** Address and port, with a space between them. */
  readonly Remote: string
  readonly Local: string
  /** Every value of a request field. */
  field(name: string): string[]
  /** Field names as the app received them. */
  readonly fieldNames: readonly string[]
}

export function informationIn(text: string): RequestInformation {
  const [about = '', fields = ''] = text.split('\n\n', 2)
  const pairs = (block: string): [string, string][] =>
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
  const headers = pairs(fields)
  return {
    ...(Object.fromEntries(pairs(about)) as Omit<RequestInformation, 'field' | 'fieldNames'>),
    field: (name) => headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value),
    fieldNames: headers.map(([key]) => key),
  }
}
