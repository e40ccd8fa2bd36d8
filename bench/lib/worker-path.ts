/**
 * The way of a request through a worker as `worker.ts` puts it together, on connections without a kernel. Its plans are made by the control plane's
 * own hand from a routing configuration.
 */
import { syncBuiltinESMExports } from 'node:module'
import { BoardAllocator } from '../../src/board/allocator.ts'
import { createBoard, defaultBoardSize } from '../../src/board/board.ts'
import { installConfiguration } from '../../src/config/install/install.ts'
import { decodeRouting } from '../../src/config/routing/decode-routing.ts'
import { decodeTree } from '../../src/config/schema/decode.ts'
import { readText } from '../../src/config/sources/text.ts'
import type { EntryPointPlan, PlanChange } from '../../src/generation/plan.ts'
import { serveHttp1 } from '../../src/proxy/http1/server-connection.ts'
import { http1Options } from '../../src/proxy/listen/http1-options.ts'
import { exhaust, ServingBuilder } from '../../src/proxy/serve/build.ts'
import { createServeContext } from '../../src/proxy/serve/context.ts'
import { acceptTransport } from '../../src/proxy/transport/choose.ts'
import { globalPlan } from '../../src/runtime/global.ts'
import { SharedMemory } from '../../src/runtime/middleware-plans.ts'
import { differenceOf } from '../../src/runtime/publisher.ts'
import { resolve } from '../../src/runtime/resolve.ts'
import { rememberingRuleCheck } from '../../src/runtime/rule-check.ts'
import { TlsMaterial } from '../../src/runtime/tls-material.ts'
import { systemClock } from '../../src/std/clock.ts'
import { silentLogger } from '../../src/std/log.ts'
import { TimerWheel } from '../../src/std/timer-wheel.ts'
import { fakeDials, fakeSocket, TCP } from './fake-network.ts'

/** What is asked, what the servers answer, and by which routing: in it `http://server0` to `http://server2` stand for the servers. */
export interface PathLoad {
  /** Requests that the connections take in turns. */
  readonly requests: readonly string[]
  readonly answer: string
  /** Rules of routers; the last one may be for everything. */
  readonly rules: readonly string[]
  /** Middlewares of each router, as configured. */
  readonly middlewares: readonly Readonly<Record<string, unknown>>[]
  /** More middlewares, by name, for those that name others. */
  readonly otherMiddlewares?: Readonly<Record<string, unknown>>
  /** Services by name, of which routers have `main`; without it each router has one of its own with one server. */
  readonly services?: Readonly<Record<string, unknown>>
  /** More of the install configuration, as YAML. */
  readonly install?: string
  /** Status of the answers; 200 when absent. */
  readonly status?: number
}

/** Servers of a path. */
const serverCount = 3

let nextPort = 9000

/** Client connections of a path, and the servers' answers to them. */
export class WorkerPath {
  readonly #clients: TCP[] = []
  #asked: TCP[] = []
  #replying: TCP[] = []
  readonly #requests: readonly Buffer[]
  readonly #answer: Buffer
  readonly #accept: () => void
  readonly #status: string
  /** Clients that have no answer yet. */
  #waiting = 0
  #wake: (() => void) | null = null

  private constructor(load: PathLoad, accept: (client: TCP) => void) {
    this.#requests = load.requests.map((request) => Buffer.from(request, 'latin1'))
    this.#answer = Buffer.from(load.answer, 'latin1')
    this.#status = `HTTP/1.1 ${load.status ?? 200} `
    this.#accept = () => {
      const client = new TCP((handle) => this.#answered(handle))
      this.#clients.push(client)
      accept(client)
    }
  }

  /** Builds a worker's serving and opens client connections, each used once. Many may be open at a time. */
  static async open(load: PathLoad, connections: number): Promise<WorkerPath> {
    const servers = Array.from({ length: serverCount }, () => nextPort++)
    const path = new WorkerPath(load, acceptor(load, servers))
    for (const port of servers) fakeDials(port, (handle) => path.#ask(handle))
    syncBuiltinESMExports()
    await path.grow(connections)
    return path
  }

  /** Opens so many connections more, each used once. */
  async grow(connections: number): Promise<void> {
    for (let count = 0; count < connections; count += 1) this.#accept()
    const fresh = this.#clients.slice(this.#clients.length - connections)
    await this.#exchange(fresh)
    for (const { firstText } of fresh) {
      if (!firstText.startsWith(this.#status)) throw new Error(`a request was answered by ${firstText.split('\r\n', 1)[0]}`)
    }
  }

  /** One exchange on every connection: all requests, then all answers; sooner or later, as the middlewares have it. */
  round(): Promise<void> | undefined {
    return this.#exchange(this.#clients)
  }

  /** Connections of clients. */
  get size(): number {
    return this.#clients.length
  }

  #exchange(clients: readonly TCP[]): Promise<void> | undefined {
    const requests = this.#requests
    this.#waiting = clients.length
    for (let index = 0; index < clients.length; index += 1) {
      clients[index]!.isAsking = true
      clients[index]!.receive(requests[index % requests.length]!)
    }
    while (this.#waiting > 0) {
      if (this.#asked.length === 0) return this.#rest()
      this.#reply()
    }
    return undefined
  }

  /** The rest of an exchange in which somebody waits for something else than servers. */
  async #rest(): Promise<void> {
    while (this.#waiting > 0) {
      if (this.#asked.length === 0) await new Promise<void>((wake) => (this.#wake = wake))
      this.#reply()
    }
  }

  #ask(server: TCP): void {
    this.#asked.push(server)
    this.#wakeUp()
  }

  #answered(client: TCP): void {
    if (!client.isAsking) return
    client.isAsking = false
    this.#waiting -= 1
    if (this.#waiting === 0) this.#wakeUp()
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }

  #reply(): void {
    const asked = this.#asked
    this.#asked = this.#replying
    this.#replying = asked
    for (let index = 0; index < asked.length; index += 1) asked[index]!.receive(this.#answer)
    asked.length = 0
  }
}

/** What takes a client connection, as a listener does. */
function acceptor(load: PathLoad, servers: readonly number[]): (client: TCP) => void {
  const board = createBoard({ rows: 2, ...defaultBoardSize })
  const wheel = new TimerWheel(systemClock)
  const context = createServeContext({ board, wheel, ask() {}, log: (level, message, fields) => console.error(level, message, fields) })
  const serving = exhaust(new ServingBuilder(context).build(1, plansOf(load, servers, board)))
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

function plansOf(load: PathLoad, servers: readonly number[], board: ReturnType<typeof createBoard>): PlanChange[] {
  const install = decodeTree(installConfiguration, readText(`${installText}${load.install ?? ''}`, 'yaml').tree, { source: 'file' }).value
  const text = JSON.stringify(routingOf(load)).replace(
    /http:\/\/server(\d)/g,
    (_, index: string) => `http://127.0.0.1:${servers[Number(index)]}`,
  )
  const { routing, problems } = decodeRouting(text, 'yaml')
  const faults = problems.filter((problem) => problem.severity === 'error')
  if (routing === undefined || faults.length > 0) throw new Error(faults.map((problem) => problem.message).join('; '))
  const places = new BoardAllocator(board, () => 0)
  const listening = { host: '', port: 9001, protocol: 'tcp', reusePort: false, descriptors: [] } as const
  const entryPoint: EntryPointPlan = {
    name: 'web',
    ...listening,
    config: install.entryPoints['web']!,
    counters: places.place('counter', 'entryPoint:web', 64),
    connections: places.place('gauge', 'entryPoint:web', 1),
  }
  const snapshot = { provider: 'file', routing, locate: () => ({}) }
  const input = { generation: 1, install, entryPoints: [entryPoint], global: globalPlan(install, 'bench-host', []), snapshots: [snapshot] }
  const { plans, state } = resolve(
    { ...input, unbuilt: [], providers: ['file'] },
    {
      board,
      places,
      memory: new SharedMemory(),
      readFile: () => undefined,
      tls: new TlsMaterial(systemClock, silentLogger, () => {}),
      readMiddlewareFiles: (_kind, options) => ({ options }),
      checkRule: rememberingRuleCheck(),
    },
  )
  for (const objects of [state.routers, state.middlewares, state.services]) {
    for (const info of objects.values()) if (info.status === 'disabled') throw new Error(`${info.name}: ${info.errors.join('; ')}`)
  }
  return differenceOf(null, plans)
}

const installText = 'entryPoints: {web: {address: ":9001"}}\nserversTransport: {maxIdleConnsPerHost: 100000}\n'

function routingOf({ rules, middlewares, otherMiddlewares, services }: PathLoad): object {
  const names = middlewares.map((_, index) => `m${index}`)
  const routers = rules.map((rule, index) => [
    `r${index}`,
    { rule, service: services === undefined ? `s${index}` : 'main', ...(names.length > 0 ? { middlewares: names } : {}) },
  ])
  const own = rules.map((_, index) => [`s${index}`, { loadBalancer: { servers: [{ url: 'http://server0' }] } }])
  const all = { ...Object.fromEntries(middlewares.map((middleware, index) => [`m${index}`, middleware])), ...otherMiddlewares }
  return {
    http: {
      routers: Object.fromEntries(routers),
      services: services ?? Object.fromEntries(own),
      ...(Object.keys(all).length > 0 ? { middlewares: all } : {}),
    },
  }
}
