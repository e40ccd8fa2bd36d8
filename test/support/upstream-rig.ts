import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { type Board, createBoard, fixedCells } from '../../src/board/board.ts'
import type { TransportPlan } from '../../src/generation/plan.ts'
/** Exchanges without a client connection, for tests of what stands behind: what is asked goes in as fields, what is answered is noted. */
import { bareTransport } from '../../src/generation/transport-defaults.ts'
import type { BodyConsumer, BodySource } from '../../src/proxy/http/body.ts'
import { type ConnectionFacts, Exchange, type ResponseSink } from '../../src/proxy/http/exchange.ts'
import { HeaderList } from '../../src/proxy/http/header-list.ts'
import type { Reason } from '../../src/proxy/http/reasons.ts'
import type { TransportKind } from '../../src/proxy/transport/choose.ts'
import type { Transport } from '../../src/proxy/transport/transport.ts'
import type { ForwardListener } from '../../src/proxy/upstream/forward-listener.ts'
import type { UpstreamTarget } from '../../src/proxy/upstream/target.ts'
import { Upstreams, type UpstreamsInput } from '../../src/proxy/upstream/upstreams.ts'
import { type CancelTimer, type Clock, systemClock } from '../../src/std/clock.ts'
import { TimerWheel } from '../../src/std/timer-wheel.ts'

/** Notes an answer; takes as much as it is told to. */
export class NotingSink implements ResponseSink {
  readonly informationals: { readonly status: number; readonly headers: readonly (readonly [string, string])[] }[] = []
  status = 0
  headers: readonly (readonly [string, string])[] = []
  length = 0
  bytes = 0
  /** False where only the number of bytes matters. */
  keepsChunks = true
  trailers: readonly (readonly [string, string])[] | null = null
  ended = false
  abortedBy: Reason | null = null
  upgraded: { readonly server: Transport; readonly early: Buffer | null } | null = null
  /** Bytes that the client takes before `write` asks to wait. */
  roomBytes = Number.POSITIVE_INFINITY
  /** Called after each write, for slow clients. */
  onWrite: () => void = () => {}
  /** Names of the calls, in order. */
  readonly calls: string[] = []
  readonly #chunks: Buffer[] = []
  readonly #done = Promise.withResolvers<void>()
  readonly #headCame = Promise.withResolvers<void>()

  /** Resolves when the answer is over, complete or not, or has become a tunnel. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  /** Resolves when the final head has come. */
  get headCame(): Promise<void> {
    return this.#headCame.promise
  }

  get body(): string {
    return Buffer.concat(this.#chunks).toString('latin1')
  }

  informational(_exchange: Exchange, status: number, headers: HeaderList): void {
    this.calls.push(`informational ${status}`)
    this.informationals.push({ status, headers: [...headers] })
  }

  head(exchange: Exchange): void {
    this.calls.push('head')
    this.status = exchange.status
    this.headers = [...exchange.responseHeaders]
    this.length = exchange.responseLength
    this.#headCame.resolve()
  }

  write(_exchange: Exchange, chunk: Uint8Array): boolean {
    this.calls.push('write')
    this.bytes += chunk.length
    this.roomBytes -= chunk.length
    if (this.keepsChunks) this.#chunks.push(Buffer.from(chunk))
    this.onWrite()
    return this.roomBytes > 0
  }

  writeText(exchange: Exchange, text: string): void {
    this.write(exchange, Buffer.from(text, 'latin1'))
  }

  end(exchange: Exchange): void {
    this.calls.push('end')
    this.ended = true
    this.trailers = exchange.responseTrailers === null ? null : [...exchange.responseTrailers]
    exchange.finish()
    this.#done.resolve()
  }

  abort(exchange: Exchange, reason: Reason): void {
    this.calls.push('abort')
    this.abortedBy = reason
    exchange.finish()
    this.#done.resolve()
  }

  upgrade(exchange: Exchange, server: Transport, early: Buffer | null): void {
    this.head(exchange)
    this.upgraded = { server, early }
    this.#done.resolve()
  }

  /** The client takes `bytes` more. */
  drain(exchange: Exchange, bytes: number): void {
    this.roomBytes = bytes
    exchange.producer?.onDrain()
  }

  /** First value of a field, by lower-case name. */
  header(key: string): string | undefined {
    return this.headers.find(([name]) => name.toLowerCase() === key)?.[1]
  }
}

/** A request body that a test pushes by hand. */
export class PushedBody implements BodySource {
  readonly length: number
  ended = false
  discarded = false
  paused = false
  pauses = 0
  consumer: BodyConsumer | null = null
  /** Called when the flow starts and whenever it goes on. */
  onFlow: () => void = () => {}

  constructor(length: number) {
    this.length = length
  }

  start(consumer: BodyConsumer): void {
    this.consumer = consumer
    this.onFlow()
  }

  pause(): void {
    this.paused = true
    this.pauses += 1
  }

  resume(): void {
    this.paused = false
    this.onFlow()
  }

  discard(): void {
    this.discarded = true
  }

  push(chunk: Buffer): void {
    this.consumer?.onBodyChunk(chunk)
  }

  end(trailers: HeaderList | null = null): void {
    this.ended = true
    this.consumer?.onBodyEnd(trailers)
  }
}

/** A body that is there already, in these pieces. */
export function readyBody(pieces: readonly string[], chunked = false): PushedBody {
  const buffers = pieces.map((piece) => Buffer.from(piece, 'latin1'))
  const body = new PushedBody(chunked ? -1 : buffers.reduce((sum, buffer) => sum + buffer.length, 0))
  body.onFlow = () => {
    while (!body.paused) {
      const next = buffers.shift()
      if (next === undefined) break
      body.push(next)
    }
    if (buffers.length === 0 && !body.ended && !body.paused) body.end()
  }
  return body
}

/** The client connection of tests. */
export const testClient: ConnectionFacts = { remoteIp: '192.0.2.1', remotePort: 4242, localIp: '192.0.2.2', localPort: 80, tls: null }

/** What a test asks. */
export interface TestRequest {
  readonly method?: string
  /** Path with query. */
  readonly target?: string
  readonly host?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: BodySource
  readonly upgrade?: string
  readonly client?: ConnectionFacts
}

/** An exchange as an entry point's pipeline would hand it on, and where its answer is noted. */
export function testExchange(request: TestRequest = {}): { exchange: Exchange; sink: NotingSink } {
  const sink = new NotingSink()
  const headers = new HeaderList()
  for (const [name, value] of request.headers ?? []) headers.add(name, value)
  const exchange = new Exchange(request.client ?? testClient, 'web', headers, sink)
  const target = request.target ?? '/'
  const query = target.indexOf('?')
  exchange.method = request.method ?? 'GET'
  exchange.path = query < 0 ? target : target.slice(0, query)
  exchange.hasQuery = query >= 0
  exchange.rawQuery = query < 0 ? '' : target.slice(query + 1)
  exchange.hostRaw = request.host ?? 'p.local'
  exchange.host = exchange.hostRaw
  exchange.body = request.body ?? null
  exchange.upgrade = request.upgrade ?? ''
  return { exchange, sink }
}

/** Notes what a server's listener is told. */
export class NotingListener implements ForwardListener {
  readonly measuresLatency = true
  answers = 0
  readonly settled: (Reason | null)[] = []

  onAnswer(): void {
    this.answers += 1
  }

  onSettled(_exchange: Exchange, reason: Reason | null): void {
    this.settled.push(reason)
  }
}

/** A small board; cells from `fixedCells.count` on are free. */
export function testBoard(): Board {
  return createBoard({ rows: 2, counters: 64, gauges: 64, cells: fixedCells.count + 64 })
}

/** A transport plan with Traefik's defaults. */
export function testTransport(changes: Partial<TransportPlan> = {}): TransportPlan {
  return { ...bareTransport, maxIdlePerServer: 200, dialTimeoutMs: 30_000, idleTimeoutMs: 90_000, ...changes }
}

/** A clock that a test turns. */
export class ManualClock implements Clock {
  #nowMs = 1_000_000
  #timers: { readonly atMs: number; readonly call: () => void }[] = []

  now(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  after(ms: number, call: () => void): CancelTimer {
    const timer = { atMs: this.#nowMs + ms, call }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Lets time pass, timers in order. */
  advance(ms: number): void {
    const until = this.#nowMs + ms
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= until).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      this.#nowMs = Math.max(this.#nowMs, due.atMs)
      this.#timers = this.#timers.filter((timer) => timer !== due)
      due.call()
    }
    this.#nowMs = until
  }
}

/** A server that speaks as it is told; notes connections and what came over them. */
export class RawServer {
  readonly sockets: Socket[] = []
  readonly received: string[] = []
  readonly server: Server
  #onRequest: (socket: Socket, connection: number, text: string) => void

  constructor(onRequest: (socket: Socket, connection: number, text: string) => void) {
    this.#onRequest = onRequest
    this.server = createServer((socket) => {
      const connection = this.sockets.push(socket) - 1
      this.received.push('')
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        this.received[connection] += chunk.toString('latin1')
        this.#onRequest(socket, connection, chunk.toString('latin1'))
      })
    })
  }

  /** Listens on a free port, and gives the URL. */
  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return `http://127.0.0.1:${this.port}`
  }

  get port(): number {
    const address = this.server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  close(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}

/** A complete answer 200. */
export function answerOk(body: string, fields = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`
}

/** What was sent, and where to look. */
export interface SentExchange {
  readonly exchange: Exchange
  readonly sink: NotingSink
  readonly listener: NotingListener
  readonly target: UpstreamTarget
}

/** Servers and upstream sides of a suite, on one kind of transport; closes what it opened. */
export class UpstreamRig {
  readonly #kind: TransportKind
  readonly #closing: { close(): void }[] = []
  readonly #transport = testTransport()

  constructor(kind: TransportKind) {
    this.#kind = kind
  }

  upstreams(input: Partial<UpstreamsInput> = {}): Upstreams {
    const upstreams = new Upstreams({
      board: testBoard(),
      wheel: new TimerWheel(systemClock),
      env: {},
      transportKind: this.#kind,
      ...input,
    })
    this.#closing.push(upstreams)
    return upstreams
  }

  async serve(onRequest: (socket: Socket, connection: number, text: string) => void): Promise<{ server: RawServer; url: string }> {
    const server = new RawServer(onRequest)
    this.#closing.push(server)
    return { server, url: await server.listen() }
  }

  send(upstreams: Upstreams, url: string, request: TestRequest = {}, transport = this.#transport): SentExchange {
    const target = upstreams.target(url, { preservePath: false, passHostHeader: true, transport })
    const { exchange, sink } = testExchange(request)
    const listener = new NotingListener()
    upstreams.forward(exchange, target, listener)
    return { exchange, sink, listener, target }
  }

  exchange(request: TestRequest = {}): { exchange: Exchange; sink: NotingSink } {
    return testExchange(request)
  }

  listener(): NotingListener {
    return new NotingListener()
  }

  /** Closes something with the rest. */
  closes(each: { close(): void }): void {
    this.#closing.push(each)
  }

  close(): void {
    for (const each of this.#closing) each.close()
  }
}
