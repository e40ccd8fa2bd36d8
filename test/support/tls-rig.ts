/** TLS connections into an acceptor that serves a routing configuration, without anything else of the router. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import { BoardAllocator } from '../../src/board/allocator.ts'
import { createBoard } from '../../src/board/board.ts'
import type { TlsFacts } from '../../src/proxy/http/exchange.ts'
import { TlsAcceptor, type TlsServing } from '../../src/proxy/tls/acceptor.ts'
import { CertificateIndex } from '../../src/proxy/tls/certificate-index.ts'
import { parseClientHello } from '../../src/proxy/tls/client-hello.ts'
import { HttpsHosts } from '../../src/proxy/tls/https-hosts.ts'
import { SharedMemory } from '../../src/runtime/middleware-plans.ts'
import { type Resolved, resolve } from '../../src/runtime/resolve.ts'
import { rememberingRuleCheck } from '../../src/runtime/rule-check.ts'
import { TlsMaterial } from '../../src/runtime/tls-material.ts'
import { systemClock } from '../../src/std/clock.ts'
import { silentLogger } from '../../src/std/log.ts'
import { decodeForTest, installForTest } from './config.ts'

/** How a connection went. */
export interface TlsOutcome {
  /** Code of the client's error; '' when the handshake succeeded. */
  readonly error: string
  /** What the server side knew of the connection when it greeted; null when it never did. */
  readonly facts: TlsFacts | null
  readonly alpn: string
  /** Subject alternative names of the server's certificate. */
  readonly certificate: string
  readonly resumed: boolean
  readonly session: Buffer | undefined
  readonly staple: Buffer | null
}

const install = 'entryPoints: {web: {address: ":443"}, other: {address: ":444"}}'

/** Resolves routing configurations, keeping secrets and certificates over generations as the router does. */
export class TlsResolver {
  readonly #tls = new TlsMaterial(systemClock, silentLogger, () => {})
  readonly #board = createBoard({ rows: 1, counters: 1024, gauges: 1024, cells: 1024 })

  resolve(routing: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): Resolved {
    return resolve(
      {
        generation: 1,
        install: installForTest(install),
        entryPoints: [],
        global: {
          hostname: 'test',
          accessLog: null,
          passRequestTrailers: false,
          hostResolver: null,
          lifeCycle: { terminatingStatus: 503 },
        },
        snapshots: Object.entries(routing).map(([provider, text]) => ({ provider, routing: decodeForTest(text), locate: () => ({}) })),
        unbuilt: [],
        providers: [],
      },
      {
        board: this.#board,
        places: new BoardAllocator(this.#board, () => 0),
        readFile: (path) => files[path],
        tls: this.#tls,
        memory: new SharedMemory(),
        readMiddlewareFiles: (_kind, options) => ({ options }),
        checkRule: rememberingRuleCheck(),
      },
    )
  }

  serving(routing: Readonly<Record<string, string>>): TlsServing {
    const { plans } = this.resolve(routing)
    const common = plans.tls.get('') ?? { defaultCertificates: [], ticketSecret: '' }
    const hosts = new Map<string, HttpsHosts>()
    for (const router of plans.router.values()) {
      for (const entryPoint of router.tls ? router.entryPoints : []) {
        const known = hosts.get(entryPoint) ?? new HttpsHosts()
        hosts.set(entryPoint, known)
        known.add(router)
      }
    }
    const index = new CertificateIndex(plans.certificate.values(), common.defaultCertificates)
    return { common, options: plans.tlsOptions, certificates: plans.certificate, index, hosts }
  }

  close(): void {
    this.#tls.close()
  }
}

/** A listener with nothing but TLS: it greets after the handshake and closes. */
export class TlsRig {
  readonly faults: string[] = []
  readonly acceptor: TlsAcceptor = new TlsAcceptor({ nowMs: () => systemClock.now(), onFault: (error) => this.faults.push(String(error)) })
  readonly #resolver: TlsResolver
  readonly #server: Server
  /** Facts by the client's port. */
  readonly #facts = new Map<number, { facts: TlsFacts; alpn: string }>()
  readonly #entryPoint: string
  #port = 0

  private constructor(resolver: TlsResolver, entryPoint: string) {
    this.#resolver = resolver
    this.#entryPoint = entryPoint
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#accept(socket))
  }

  /** Starts one; rigs that share a resolver are as workers of one router. */
  static async start(routing: string, resolver = new TlsResolver(), entryPoint = 'web'): Promise<TlsRig> {
    const rig = new TlsRig(resolver, entryPoint)
    rig.serve(routing)
    rig.#server.listen(0, '127.0.0.1')
    await once(rig.#server, 'listening')
    rig.#port = (rig.#server.address() as AddressInfo).port
    return rig
  }

  /** Another configuration from now on. */
  serve(routing: string): void {
    this.acceptor.serve(this.#resolver.serving({ file: routing }))
  }

  get port(): number {
    return this.#port
  }

  close(): void {
    this.#server.close()
    this.#resolver.close()
  }

  /** Makes a connection and says how it went. */
  connect(options: ConnectionOptions): Promise<TlsOutcome> {
    const client = connect({ port: this.#port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], ...options })
    let [error, resumed, certificate, localPort] = ['', false, '', 0]
    let session: Buffer | undefined
    let staple: Buffer | null = null
    client.on('OCSPResponse', (response) => (staple = response))
    client.on('session', (ticket) => (session = ticket))
    client.on('secureConnect', () => {
      resumed = client.isSessionReused()
      certificate = client.getPeerX509Certificate()?.subjectAltName ?? ''
      localPort = client.localPort ?? 0
    })
    client.on('error', (cause: NodeJS.ErrnoException) => (error = cause.code ?? cause.message))
    client.resume()
    return new Promise((done) => {
      client.on('close', () => {
        const known = this.#facts.get(localPort)
        // A server that refuses after the handshake just closes.
        if (error === '' && known === undefined) error = 'closed'
        done({ error, facts: known?.facts ?? null, alpn: known?.alpn ?? '', certificate, resumed, session, staple })
      })
    })
  }

  #accept(socket: Socket): void {
    let head = Buffer.alloc(0)
    const port = socket.remotePort ?? 0
    socket.on('error', () => {})
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk])
      const hello = parseClientHello(head)
      if (hello === 'more') return
      socket.off('data', onData)
      socket.pause()
      if (hello === 'invalid') {
        socket.destroy()
        return
      }
      const choice = this.acceptor.choose(this.#entryPoint, hello, '127.0.0.1')
      this.acceptor.wrap(choice, { socket, head, hello, timer: systemClock, timeoutMs: 5000, entryPoint: 'web' }).then(
        ({ socket: secured, facts, alpn }) => {
          this.#facts.set(port, { facts, alpn })
          secured.end('hello')
        },
        () => {},
      )
    }
    socket.on('data', onData)
    socket.resume()
  }
}
