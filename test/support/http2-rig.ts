/** A server of HTTP/2 under test, on real sockets: requests go to a handler in between, raw clients may send whatever they like. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Exchange, ExchangeObserver, Handler } from '../../src/proxy/http/exchange.ts'
import { defaultHttp1Limits } from '../../src/proxy/http1/limits.ts'
import type { Http1ServerOptions } from '../../src/proxy/http1/server-options.ts'
import { AbuseLedger } from '../../src/proxy/http2/abuse-ledger.ts'
import { abusiveConnections } from '../../src/proxy/http2/limits.ts'
import { type Http2ServerConnection, serveHttp2 } from '../../src/proxy/http2/server-connection.ts'
import { defaultHttp2Settings, type Http2ServerSettings } from '../../src/proxy/http2/server-options.ts'
import { acceptTransport, type TransportKind } from '../../src/proxy/transport/choose.ts'
import type { Clock } from '../../src/std/clock.ts'
import { TimerWheel } from '../../src/std/timer-wheel.ts'
import { RawClient } from './http1-rig.ts'
import { ManualClock } from './manual-clock.ts'

/** Settings of a rig besides the handler. */
export type Http2RigOptions = Partial<Omit<Http1ServerOptions, 'wheel' | 'handler' | 'onClose' | 'timeouts' | 'limits'>> & {
  timeouts?: Partial<Http1ServerOptions['timeouts']>
  limits?: Partial<Http1ServerOptions['limits']>
  http2?: Partial<Http2ServerSettings>
  kind?: TransportKind
  clock?: Clock
}

/** A listening server whose connections are served by the driver under test. */
export class Http2Rig implements ExchangeObserver {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly connections: Http2ServerConnection[] = []
  readonly exchanges: Exchange[] = []
  readonly finished: Exchange[] = []
  readonly errors: unknown[] = []
  closed = 0
  handler: Handler
  readonly #server: Server
  readonly #clients: RawClient[] = []
  readonly #options: Http2RigOptions
  readonly #ledger = new AbuseLedger(abusiveConnections(20))
  #waiters: { until: () => boolean; resolve: () => void }[] = []

  private constructor(options: Http2RigOptions, handler: Handler) {
    this.handler = handler
    this.clock = options.clock ?? new ManualClock()
    this.wheel = new TimerWheel(this.clock)
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.serve(socket))
    this.#options = options
  }

  static async listen(handler: Handler, options: Http2RigOptions = {}): Promise<Http2Rig> {
    const rig = new Http2Rig(options, handler)
    await new Promise<void>((resolve) => rig.#server.listen(0, '127.0.0.1', resolve))
    return rig
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** A client that sends bytes. */
  client(): RawClient {
    const client = new RawClient(this.port)
    this.#clients.push(client)
    return client
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

  /** Serves a connection that another server has accepted. */
  serve(socket: Socket): void {
    const options = this.#options
    const facts = { remoteIp: '127.0.0.1', remotePort: socket.remotePort ?? 0, localIp: '127.0.0.1', localPort: this.port, tls: null }
    const connection = serveHttp2(acceptTransport(socket, options.kind), facts, {
      entryPoint: 'web',
      keepAliveMaxRequests: 0,
      keepAliveMaxTimeMs: 0,
      onHandlerError: (error) => this.errors.push(error),
      ...options,
      limits: { ...defaultHttp1Limits, ...options.limits },
      timeouts: { headMs: 0, bodyIdleMs: 0, totalMs: 0, writeMs: 0, idleMs: 0, ...options.timeouts },
      // A ledger of its own, so that one test's floods are not held against the next.
      http2: { ...defaultHttp2Settings, ledger: this.#ledger, ...options.http2 },
      wheel: this.wheel,
      handler: () => (exchange) => this.#handle(exchange),
      onClose: () => {
        this.closed += 1
        this.look()
      },
    })
    this.connections.push(connection)
    this.look()
  }

  #handle(exchange: Exchange): void | Promise<void> {
    exchange.addObserver(this)
    this.exchanges.push(exchange)
    const result = this.handler(exchange)
    this.look()
    return result
  }
}
