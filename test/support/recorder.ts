import { type AddressInfo, createServer } from 'node:net'
import { RawSocket } from './raw-client.ts'
import { readRequests, type StrictReading, type StrictRequest, StrictViolation } from './strict-reader.ts'

/** A connection to the recorder, with every byte that was received over it. */
export class RecordedConnection extends RawSocket {
  /** The received bytes as the strict reader reads them; throws a StrictViolation where it refuses them. */
  read(): StrictReading {
    return readRequests(this.received)
  }

  /** Resolves when `count` complete requests have been received. */
  async requests(count = 1): Promise<readonly StrictRequest[]> {
    await this.until(() => this.read().requests.length >= count)
    return this.read().requests
  }
}

/** Answers one request; `index` counts the requests of its connection. */
export type Answerer = (request: StrictRequest, connection: RecordedConnection, index: number) => void

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/**
 * An app on a plain TCP server. It records every byte that it receives, and answers each complete request by the given
 * function. A request that stays incomplete, or that the strict reader refuses, gets no answer.
 */
export class Recorder {
  readonly port: number
  readonly connections: RecordedConnection[] = []
  readonly #close: () => Promise<void>
  #waiting: (() => void)[] = []

  constructor(port: number, close: () => Promise<void>) {
    this.port = port
    this.#close = close
  }

  /** Waits for the connection with this index, counted from 0. */
  async connection(index = 0): Promise<RecordedConnection> {
    for (;;) {
      const found = this.connections[index]
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Every request of every connection so far. */
  get requests(): StrictRequest[] {
    return this.connections.flatMap((connection) => [...connection.read().requests])
  }

  add(connection: RecordedConnection): void {
    this.connections.push(connection)
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  close(): Promise<void> {
    for (const connection of this.connections) connection.destroy()
    return this.#close()
  }
}

export async function openRecorder(
  answer: Answerer = (_request, connection) => connection.send(OK),
): Promise<Recorder> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = new RecordedConnection(socket)
    let answered = 0
    socket.on('data', () => {
      for (const request of wholeRequests(connection).slice(answered)) {
        answered += 1
        answer(request, connection, answered - 1)
      }
    })
    // When the client has ended its direction, the server ends its own.
    socket.on('end', () => socket.end())
    recorder.add(connection)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const recorder = new Recorder((server.address() as AddressInfo).port, () => {
    return new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
    })
  })
  return recorder
}

function wholeRequests(connection: RecordedConnection): readonly StrictRequest[] {
  try {
    return connection.read().requests
  } catch (error) {
    if (error instanceof StrictViolation) return []
    throw error
  }
}
