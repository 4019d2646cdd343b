import {
  type CallOptions,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  ChannelCredentials,
  makeGenericClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { atTheEnd } from './ending.ts'

type Done = (error: ServiceError | null, answer?: Buffer) => void

/** The service of test/apps/grpc; messages are bytes. */
export interface EchoClient {
  Unary(message: Buffer, options: CallOptions, done: Done): ClientUnaryCall
  NotFound(message: Buffer, options: CallOptions, done: Done): ClientUnaryCall
  Waits(message: Buffer, options: CallOptions, done: Done): ClientUnaryCall
  About(message: Buffer, options: CallOptions, done: Done): ClientUnaryCall
  ServerStream(message: Buffer): ClientReadableStream<Buffer>
  FailsLate(message: Buffer): ClientReadableStream<Buffer>
  Resets(message: Buffer): ClientReadableStream<Buffer>
  ClientStream(done: Done): ClientWritableStream<Buffer>
  Bidi(): ClientDuplexStream<Buffer, Buffer>
}

const bytes = (message: Buffer): Buffer => message

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/test.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  }
}

const Client = makeGenericClientConstructor(
  {
    Unary: method('Unary', false, false),
    NotFound: method('NotFound', false, false),
    Waits: method('Waits', false, false),
    About: method('About', false, false),
    ServerStream: method('ServerStream', false, true),
    FailsLate: method('FailsLate', false, true),
    Resets: method('Resets', false, true),
    ClientStream: method('ClientStream', true, false),
    Bidi: method('Bidi', true, true),
  },
  'test.Echo',
)

/** A client of Google's gRPC library over TLS, which trusts `authority` (PEM). It ends with the test. */
export function grpcClient(port: number, authority: string): EchoClient {
  const client = new Client(`localhost:${String(port)}`, ChannelCredentials.createSsl(Buffer.from(authority)))
  atTheEnd(() => {
    client.close()
  })
  return client as unknown as EchoClient
}

/** One call with one answer; rejects with the ServiceError. */
export function call(
  client: EchoClient,
  name: 'Unary' | 'NotFound' | 'Waits' | 'About',
  message: string,
  options: CallOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    client[name](Buffer.from(message), options, (error, answer) => {
      if (error === null) resolve(answer?.toString() ?? '')
      else reject(error)
    })
  })
}

/** Everything that a stream brings, and how it ended: its error, or undefined. */
export function collect(
  stream: ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>,
): Promise<{ messages: string[]; error: ServiceError | undefined }> {
  const messages: string[] = []
  return new Promise((resolve) => {
    stream.on('data', (message: Buffer) => messages.push(message.toString()))
    stream.on('error', (error: ServiceError) => {
      resolve({ messages, error })
    })
    stream.on('end', () => {
      resolve({ messages, error: undefined })
    })
  })
}
