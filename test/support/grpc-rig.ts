/** A gRPC service and its client, made by hand: messages are bytes, so that nothing has to be generated. */
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientWritableStream,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js'

const identity = (bytes: Buffer): Buffer => bytes

function method(path: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/test.Echo/${path}`,
    requestStream,
    responseStream,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  }
}

/** The service's four kinds of calls. */
export const echoService = {
  unary: method('Unary', false, false),
  upload: method('Upload', true, false),
  download: method('Download', false, true),
  talk: method('Talk', true, true),
} satisfies ServiceDefinition

/** What a server saw of calls that were cancelled. */
export interface EchoServer {
  readonly server: Server
  readonly port: number
  readonly cancelled: string[]
  readonly deadlines: (Date | number)[]
  /** Resolves when a call was cancelled. */
  readonly whenCancelled: Promise<void>
  close(): void
}

/** Starts a server: `unary` answers in kind, `upload` with the number of bytes, `download` with as many bytes as asked, `talk` message by message. */
export async function startEchoServer(credentials = ServerCredentials.createInsecure()): Promise<EchoServer> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 })
  const cancelled: string[] = []
  const deadlines: (Date | number)[] = []
  const cancel = Promise.withResolvers<void>()
  const note = (name: string): void => {
    cancelled.push(name)
    cancel.resolve()
  }
  server.addService(echoService, {
    unary(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      deadlines.push(call.getDeadline())
      const wish = call.request.toString()
      if (wish === 'never') {
        call.on('cancelled', () => note('unary'))
        return
      }
      const trailers = new Metadata()
      trailers.set('x-trailer', 'end')
      if (wish.startsWith('error ')) {
        done({ code: Number(wish.slice(6)), details: 'as asked: ü', metadata: trailers })
        return
      }
      const head = new Metadata()
      for (const value of call.metadata.get('x-ask')) head.add('x-answer', value)
      call.sendMetadata(head)
      done(null, Buffer.from(`echo ${wish}`), trailers)
    },
    upload(call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      let bytes = 0
      call.on('data', (chunk: Buffer) => (bytes += chunk.length))
      call.on('end', () => done(null, Buffer.from(String(bytes))))
      call.on('cancelled', () => note('upload'))
    },
    download(call: ServerWritableStream<Buffer, Buffer>) {
      let left = Number(call.request.toString())
      const more = (): void => {
        while (left > 0 && !call.cancelled) {
          const size = Math.min(left, 64 * 1024)
          left -= size
          if (!call.write(Buffer.alloc(size, 'd'))) {
            call.once('drain', more)
            return
          }
        }
        if (!call.cancelled) call.end()
      }
      call.on('cancelled', () => note('download'))
      more()
    },
    talk(call: ServerDuplexStream<Buffer, Buffer>) {
      call.on('data', (chunk: Buffer) => call.write(Buffer.from(`re: ${chunk.toString()}`)))
      call.on('end', () => call.end())
      call.on('cancelled', () => note('talk'))
    },
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error))),
  )
  return { server, port, cancelled, deadlines, whenCancelled: cancel.promise, close: () => server.forceShutdown() }
}

/** What a unary call gave. */
export interface UnaryOutcome {
  readonly error: ServiceError | null
  readonly reply: string
  readonly head: Metadata
  readonly trailers: Metadata
}

/** A client of the service. */
export class EchoClient {
  readonly client: Client

  constructor(address: string, credentials: ChannelCredentials, options: Record<string, unknown> = {}) {
    this.client = new Client(address, credentials, { 'grpc.max_receive_message_length': -1, ...options })
  }

  unary(text: string, metadata = new Metadata(), deadlineMs?: number): Promise<UnaryOutcome> {
    return new Promise((resolve) => {
      let head = new Metadata()
      let trailers = new Metadata()
      let outcome: { error: ServiceError | null; reply: string } | null = null
      let hasStatus = false
      const finish = (): void => {
        if (outcome !== null && hasStatus) resolve({ ...outcome, head, trailers })
      }
      const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }
      const { path } = echoService.unary
      const call = this.client.makeUnaryRequest(path, identity, identity, Buffer.from(text), metadata, options, (error, reply) => {
        outcome = { error, reply: reply?.toString() ?? '' }
        finish()
      })
      call.on('metadata', (found: Metadata) => (head = found))
      call.on('status', (status) => {
        trailers = status.metadata
        hasStatus = true
        finish()
      })
    })
  }

  upload(done: (error: ServiceError | null, reply?: Buffer) => void): ClientWritableStream<Buffer> {
    return this.client.makeClientStreamRequest(echoService.upload.path, identity, identity, done)
  }

  download(bytes: number): ClientReadableStream<Buffer> {
    return this.client.makeServerStreamRequest(echoService.download.path, identity, identity, Buffer.from(String(bytes)))
  }

  talk(): ClientDuplexStream<Buffer, Buffer> {
    return this.client.makeBidiStreamRequest(echoService.talk.path, identity, identity)
  }

  close(): void {
    this.client.close()
  }
}
