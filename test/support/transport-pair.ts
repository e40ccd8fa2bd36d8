/** Two ends of one connection as transports, and an owner that writes down what it is told. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls'
import { acceptTransport, dialTransport, type TransportKind } from '../../src/proxy/transport/choose.ts'
import type { Transport, TransportEvents } from '../../src/proxy/transport/transport.ts'
import { type Certificate, issueCertificate } from './certificates.ts'

/** An owner that records, and can be waited on. */
export class RecordingOwner implements TransportEvents {
  readonly calls: string[] = []
  readonly chunks: Buffer[] = []
  bytes = 0
  drains = 0
  ended = false
  closed = false
  error: NodeJS.ErrnoException | undefined
  /** Called for each chunk before it is recorded. */
  onChunk: ((chunk: Buffer) => void) | null = null
  onDrained: (() => void) | null = null
  keeps = true
  #waiters: { until: () => boolean; resolve: () => void }[] = []

  onData(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.keeps) {
      this.calls.push('data')
      this.chunks.push(Buffer.from(chunk))
    }
    this.onChunk?.(chunk)
    this.#look()
  }

  onEnd(): void {
    this.calls.push('end')
    this.ended = true
    this.#look()
  }

  onDrain(): void {
    this.calls.push('drain')
    this.drains += 1
    this.onDrained?.()
    this.#look()
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    this.calls.push('close')
    this.closed = true
    this.error = error
    this.#look()
  }

  get text(): string {
    return Buffer.concat(this.chunks).latin1Slice()
  }

  /** Resolves once the condition holds after one of the calls. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ until: condition, resolve })
      this.#look()
    })
  }

  #look(): void {
    this.#waiters = this.#waiters.filter(({ until, resolve }) => {
      if (!until()) return true
      resolve()
      return false
    })
  }
}

/** A listening server that hands its connections out one by one, not read from yet. */
export class PausedServer {
  readonly #server: Server
  readonly #sockets: Socket[] = []
  #waiter: ((socket: Socket) => void) | null = null
  #path: string | null = null

  private constructor(allowHalfOpen: boolean) {
    this.#server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen }, (socket) => {
      const waiter = this.#waiter
      this.#waiter = null
      if (waiter === null) this.#sockets.push(socket)
      else waiter(socket)
    })
  }

  static async listen(path?: string): Promise<PausedServer> {
    const made = new PausedServer(false)
    made.#path = path ?? null
    await new Promise<void>((resolve) => {
      if (path === undefined) made.#server.listen(0, '127.0.0.1', resolve)
      else made.#server.listen(path, resolve)
    })
    return made
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  accept(): Promise<Socket> {
    const socket = this.#sockets.shift()
    if (socket !== undefined) return Promise.resolve(socket)
    return new Promise((resolve) => (this.#waiter = resolve))
  }

  /** A new connection to it, paused as whoever dials leaves it. */
  dial(): Promise<Socket> {
    const socket = this.#path === null ? connect({ port: this.port, host: '127.0.0.1', noDelay: true }) : connect(this.#path)
    socket.pause()
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(socket)
      })
    })
  }

  close(): void {
    this.#server.close()
  }
}

let identity: Certificate | undefined

/** Both ends after a handshake on top of them. */
async function secured([accepted, dialled]: readonly [Socket, Socket]): Promise<readonly [Socket, Socket]> {
  identity ??= issueCertificate({ commonName: 'pair', names: ['pair.local'] })
  const near = new TLSSocket(accepted, {
    isServer: true,
    secureContext: createSecureContext({ cert: identity.certificate, key: identity.key }),
  })
  const far = connectTls({ socket: dialled, rejectUnauthorized: false, servername: 'pair.local' })
  far.pause()
  await Promise.all([once(near, 'secure'), once(far, 'secureConnect')])
  return [near, far]
}

/** One connection: both ends. */
export interface TransportPair {
  near: Transport
  far: Transport
  nearOwner: RecordingOwner
  farOwner: RecordingOwner
  nearSocket: Socket
  farSocket: Socket
}

/** Makes a connection and starts both ends. */
export async function transportPair(server: PausedServer, kind: TransportKind, isTls = false): Promise<TransportPair> {
  const sockets = await Promise.all([server.accept(), server.dial()])
  const [nearSocket, farSocket] = isTls ? await secured(sockets) : sockets
  const near = acceptTransport(nearSocket, kind)
  const far = dialTransport(farSocket, kind)
  const nearOwner = new RecordingOwner()
  const farOwner = new RecordingOwner()
  near.start(nearOwner)
  far.start(farOwner)
  return { near, far, nearOwner, farOwner, nearSocket, farSocket }
}
