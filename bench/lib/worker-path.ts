import { syncBuiltinESMExports } from 'node:module'
import { createBoard, defaultBoardSize, fixedCells } from '../../src/board/board.ts'
import { entryPoint } from '../../src/config/install/entry-points.ts'
import { httpMiddlewares } from '../../src/config/routing/middlewares.ts'
import { decodeTree } from '../../src/config/schema/decode.ts'
import type { PlanChange } from '../../src/generation/plan.ts'
import { serveHttp1 } from '../../src/proxy/http1/server-connection.ts'
import { http1Options } from '../../src/proxy/listen/http1-options.ts'
import { exhaust, ServingBuilder } from '../../src/proxy/serve/build.ts'
import { createServeContext } from '../../src/proxy/serve/context.ts'
import { acceptTransport } from '../../src/proxy/transport/choose.ts'
import { systemClock } from '../../src/std/clock.ts'
import { TimerWheel } from '../../src/std/timer-wheel.ts'
/** The way of a request through a worker as `worker.ts` puts it together, on connections without a kernel. */
import { testMiddlewarePlan } from '../../test/support/middleware-context.ts'
import { fakeDials, fakeSocket, TCP } from './fake-network.ts'

/** What is asked, what the server answers, and by which routing. */
export interface PathLoad {
  /** Requests that the connections take in turns. */
  readonly requests: readonly string[]
  readonly answer: string
  /** Rules of routers; the last one may be for everything. */
  readonly rules: readonly string[]
  /** Middlewares of each router, as configured. */
  readonly middlewares: readonly Readonly<Record<string, unknown>>[]
}

/** Client connections of a path, and the servers' answers to them. */
export class WorkerPath {
  readonly #clients: TCP[] = []
  readonly #asked: TCP[] = []
  readonly #requests: readonly Buffer[]
  readonly #answer: Buffer
  readonly #accept: () => void

  private constructor(load: PathLoad, accept: (client: TCP) => void) {
    this.#requests = load.requests.map((request) => Buffer.from(request, 'latin1'))
    this.#answer = Buffer.from(load.answer, 'latin1')
    this.#accept = () => {
      const client = new TCP(() => {})
      this.#clients.push(client)
      accept(client)
    }
  }

  /** Builds a worker's serving and opens client connections, each used once. */
  static async open(load: PathLoad, connections: number): Promise<WorkerPath> {
    const path = new WorkerPath(load, acceptor(load))
    fakeDials((handle) => path.#asked.push(handle))
    syncBuiltinESMExports()
    await path.grow(connections)
    return path
  }

  /** Opens so many connections more, each used once. */
  async grow(connections: number): Promise<void> {
    for (let count = 0; count < connections; count += 1) this.#accept()
    const fresh = this.#clients.slice(this.#clients.length - connections)
    this.#ask(fresh)
    // The connections to the servers are there now.
    await new Promise(setImmediate)
    this.#reply()
    for (const client of fresh) if (client.writes !== 1) throw new Error('a request was not answered')
  }

  /** One exchange on every connection: all requests, then all answers. */
  round(): void {
    this.#ask(this.#clients)
    if (this.#asked.length !== this.#clients.length) throw new Error(`${this.#asked.length} of ${this.#clients.length} were passed on`)
    this.#reply()
  }

  /** Connections of clients. */
  get size(): number {
    return this.#clients.length
  }

  /** Writes to clients so far. */
  get answers(): number {
    return this.#clients.reduce((sum, client) => sum + client.writes, 0)
  }

  #ask(clients: readonly TCP[]): void {
    const requests = this.#requests
    for (let index = 0; index < clients.length; index += 1) clients[index]!.receive(requests[index % requests.length]!)
  }

  #reply(): void {
    const asked = this.#asked
    for (let index = 0; index < asked.length; index += 1) asked[index]!.receive(this.#answer)
    asked.length = 0
  }
}

/** What takes a client connection, as a listener does. */
function acceptor(load: PathLoad): (client: TCP) => void {
  const board = createBoard({ rows: 2, ...defaultBoardSize })
  const wheel = new TimerWheel(systemClock)
  const context = createServeContext({ board, wheel, ask() {}, log: (level, message, fields) => console.error(level, message, fields) })
  const serving = exhaust(new ServingBuilder(context).build(1, plansOf(load)))
  const { plan } = [...serving.entryPoints.values()][0]!
  const handlers = new Map([...serving.entryPoints].map(([name, { handler }]) => [name, handler]))
  const options = {
    ...http1Options(plan),
    wheel,
    handler: () => handlers.get(plan.name)!,
    onClose() {},
    onHandlerError: (error: unknown) => console.error(error),
  }
  let port = 20_000
  return (client) => {
    port += 1
    const facts = { remoteIp: '127.0.0.1', remotePort: port, localIp: '127.0.0.1', localPort: 9001, tls: null }
    serveHttp1(acceptTransport(fakeSocket(client)), facts, options)
  }
}

function plansOf(load: PathLoad): PlanChange[] {
  const lifeCycle = { terminatingStatus: 503 }
  const changes: PlanChange[] = [
    {
      kind: 'global',
      key: '',
      plan: { hostname: 'bench-host', accessLog: null, passRequestTrailers: false, hostResolver: null, lifeCycle },
    },
  ]
  const config = decodeTree(entryPoint, { address: ':9001' }, { source: 'file' }).value
  const listening = { host: '', port: 9001, protocol: 'tcp', reusePort: false, descriptors: [] } as const
  changes.push({ kind: 'entryPoint', key: 'web', plan: { name: 'web', ...listening, config, counters: 16, connections: 1 } })
  changes.push({ kind: 'transport', key: transport.name, plan: transport })
  const middlewares = load.middlewares.map((configured, index) => {
    const [kind, options] = Object.entries(configured)[0]!
    const schema = httpMiddlewares.find((each) => each.key === kind)!.options
    const plan = testMiddlewarePlan(`m${index}@file`, kind, decodeTree(schema, options, { source: 'file' }).value)
    changes.push({ kind: 'middleware', key: plan.name, plan })
    return plan.name
  })
  for (const [index, rule] of load.rules.entries()) addRoute(changes, index, rule, middlewares)
  return changes
}

function addRoute(changes: PlanChange[], index: number, rule: string, middlewares: readonly string[]): void {
  const service = `s${index}@file`
  const server = { url: 'http://127.0.0.1:9000', weight: 1, preservePath: false, fenced: false, stateCell: fixedCells.count + 2 * index }
  changes.push({
    kind: 'service',
    key: service,
    plan: {
      kind: 'loadBalancer',
      name: service,
      servers: [{ ...server, inFlight: 2 + index }],
      strategy: 'wrr',
      sticky: null,
      passHostHeader: true,
      transport: transport.name,
      flushIntervalMs: 100,
      middlewares: [],
      sequenceCell: fixedCells.count + 2 * index + 1,
      counters: 32 + 32 * index,
    },
  })
  const flags = { children: [], isChild: false, disabled: null, tls: false, accessLogs: true, metrics: true, internal: false }
  const tls = { tlsOptions: '', tlsHosts: [], tlsHostPatterns: [] }
  const place = { syntax: 'v3', priority: BigInt(rule.length), precedence: 0, middlewares, service, counters: 48 + 32 * index } as const
  const name = `r${index}@file`
  changes.push({ kind: 'router', key: name, plan: { name, entryPoints: ['web'], rule, ...place, ...flags, ...tls } })
}

const transport = {
  name: 'default@internal',
  serverName: '',
  insecureSkipVerify: false,
  rootCas: [],
  certificates: [],
  minVersion: '',
  maxVersion: '',
  cipherSuites: [],
  peerCertUri: '',
  peerCertSans: [],
  maxIdlePerServer: 100_000,
  dialTimeoutMs: 30_000,
  responseHeaderTimeoutMs: 0,
  idleTimeoutMs: 90_000,
}
