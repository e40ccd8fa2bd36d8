/** A server connection under test: raw bytes in, raw bytes out, a handler in between and a clock that is turned by hand. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { BodyConsumer } from '../../src/proxy/http/body.ts'
import type { Exchange, ExchangeObserver, Handler } from '../../src/proxy/http/exchange.ts'
import type { HeaderList } from '../../src/proxy/http/header-list.ts'
import type { Reason } from '../../src/proxy/http/reasons.ts'
import { respondText } from '../../src/proxy/http/respond.ts'
import { defaultHttp1Limits } from '../../src/proxy/http1/limits.ts'
import { type Http1ServerConnection, serveHttp1 } from '../../src/proxy/http1/server-connection.ts'
import type { Http1ServerOptions } from '../../src/proxy/http1/server-options.ts'
import { acceptTransport, type TransportKind } from '../../src/proxy/transport/choose.ts'
import { TimerWheel } from '../../src/std/timer-wheel.ts'
import { ManualClock } from './manual-clock.ts'

/** Resolves after what is due in this turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Collects a request body. */
export class BodyReader implements BodyConsumer {
  text = ''
  bytes = 0
  chunks = 0
  keeps = true
  trailers: HeaderList | null = null
  error: Reason | null = null
  ended = false
  readonly #done: (reader: BodyReader) => void

  constructor(done: (reader: BodyReader) => void = () => {}) {
    this.#done = done
  }

  onBodyChunk(chunk: Buffer): void {
    if (this.keeps) this.text += chunk.latin1Slice()
    this.bytes += chunk.length
    this.chunks += 1
  }

  onBodyEnd(trailers: HeaderList | null): void {
    this.trailers = trailers
    this.ended = true
    this.#done(this)
  }

  onBodyError(reason: Reason): void {
    this.error = reason
    this.#done(this)
  }
}

/** A raw client. */
export class RawClient {
  text = ''
  bytes = 0
  keeps = true
  ended = false
  closed = false
  error: NodeJS.ErrnoException | null = null
  readonly socket: Socket
  #waiters: { until: () => boolean; resolve: () => void }[] = []

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length
      if (this.keeps) this.text += chunk.toString('latin1')
      this.look()
    })
    this.socket.on('end', () => {
      this.ended = true
      this.look()
    })
    this.socket.on('error', (error) => {
      this.error = error
      this.look()
    })
    this.socket.on('close', () => {
      this.closed = true
      this.look()
    })
  }

  send(text: string | Buffer): void {
    this.socket.write(text, 'latin1')
  }

  /** Resolves once the condition holds. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ until: condition, resolve })
      this.look()
    })
  }

  /** Resolves with all that came once the server has ended the connection. */
  async toEnd(): Promise<string> {
    await this.until(() => this.ended || this.closed)
    return this.text
  }

  look(): void {
    this.#waiters = this.#waiters.filter(({ until, resolve }) => {
      if (!until()) return true
      resolve()
      return false
    })
  }
}

/** Settings of a rig besides the handler. */
export type RigOptions = Partial<Omit<Http1ServerOptions, 'wheel' | 'handler' | 'onClose' | 'timeouts' | 'limits'>> & {
  timeouts?: Partial<Http1ServerOptions['timeouts']>
  limits?: Partial<Http1ServerOptions['limits']>
}

/** A listening server whose connections are served by the driver under test. */
export class Http1Rig implements ExchangeObserver {
  readonly clock = new ManualClock()
  readonly wheel = new TimerWheel(this.clock)
  readonly connections: Http1ServerConnection[] = []
  readonly sockets: Socket[] = []
  readonly exchanges: Exchange[] = []
  readonly finished: Exchange[] = []
  readonly errors: unknown[] = []
  closed = 0
  handler: Handler
  readonly #server: Server
  readonly #clients: RawClient[] = []
  #waiters: { until: () => boolean; resolve: () => void }[] = []

  private constructor(kind: TransportKind, options: RigOptions, handler: Handler) {
    this.handler = handler
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      this.sockets.push(socket)
      const facts = { remoteIp: '127.0.0.1', remotePort: socket.remotePort ?? 0, localIp: '127.0.0.1', localPort: this.port, tls: null }
      const connection = serveHttp1(acceptTransport(socket, kind), facts, {
        entryPoint: 'web',
        keepAliveMaxRequests: 0,
        keepAliveMaxTimeMs: 0,
        onHandlerError: (error) => this.errors.push(error),
        ...options,
        limits: { ...defaultHttp1Limits, ...options.limits },
        timeouts: { headMs: 0, bodyIdleMs: 0, totalMs: 0, writeMs: 0, idleMs: 0, ...options.timeouts },
        wheel: this.wheel,
        handler: () => (exchange) => this.#handle(exchange),
        onClose: () => {
          this.closed += 1
          this.look()
        },
      })
      this.connections.push(connection)
      this.look()
    })
  }

  static async listen(kind: TransportKind, handler: Handler, options: RigOptions = {}): Promise<Http1Rig> {
    const rig = new Http1Rig(kind, options, handler)
    await new Promise<void>((resolve) => rig.#server.listen(0, '127.0.0.1', resolve))
    return rig
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  client(): RawClient {
    const client = new RawClient(this.port)
    this.#clients.push(client)
    return client
  }

  /** Sends text on a connection of its own and gives all that comes back until the server ends it. */
  ask(text: string | Buffer): Promise<string> {
    const client = this.client()
    client.send(text)
    return client.toEnd()
  }

  onFinish(exchange: Exchange): void {
    this.finished.push(exchange)
    this.look()
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ until: condition, resolve })
      this.look()
    })
  }

  look(): void {
    this.#waiters = this.#waiters.filter(({ until, resolve }) => {
      if (!until()) return true
      resolve()
      return false
    })
  }

  close(): void {
    this.#server.close()
    for (const client of this.#clients) client.socket.destroy()
    for (const connection of this.connections) connection.destroy()
  }

  #handle(exchange: Exchange): void | Promise<void> {
    exchange.addObserver(this)
    this.exchanges.push(exchange)
    const result = this.handler(exchange)
    this.look()
    return result
  }
}

/** Answers without the fields that differ from run to run. */
export function tidy(text: string): string {
  return text.replaceAll(/Date: [^\r]+\r\n/g, '')
}

/** A handler that answers with what it was asked. */
export function echo(exchange: Exchange): void {
  const { method, path, rawQuery, body } = exchange
  if (body === null) {
    respondText(exchange, 200, `${method} ${path}${rawQuery === '' ? '' : `?${rawQuery}`}`, null)
    return
  }
  body.start(
    new BodyReader(({ text, trailers, error }) => {
      if (error === null)
        respondText(exchange, 200, `${method} ${text}${trailers === null ? '' : ` ${JSON.stringify([...trailers])}`}`, null)
    }),
  )
}

/** A GET request with these field lines besides Host. */
export function get(path: string, ...fields: string[]): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`
}

/** The field line that makes a request the last of its connection. */
export const last = 'Connection: close'
