/**
 * Composition root of a worker: the only file of the data plane that knows every part of it. It takes generations as they come, serves the
 * newest, and answers the control plane.
 */
import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { Board } from '../board/board.ts'
import type { ExplainRequest, Explanation } from '../generation/explanation.ts'
import type { FromWorker, ListenFailure, Port, ToWorker, WorkerStart } from '../generation/messages.ts'
import type { PlanChange } from '../generation/plan.ts'
import { systemClock } from '../std/clock.ts'
import { releaseStartupMemory } from '../std/heap.ts'
import { TimerWheel } from '../std/timer-wheel.ts'
import type { Exchange, Handler } from './http/exchange.ts'
import { OpenTunnels } from './http/open-tunnels.ts'
import { respondNotFound } from './http/respond.ts'
import type { ListenerContext } from './listen/listener.ts'
import { Listeners } from './listen/listeners.ts'
import { exhaust, type Serving, ServingBuilder } from './serve/build.ts'
import { createServeContext, type ServeContext } from './serve/context.ts'
import { tunnelRoutes } from './serve/tunnel-routes.ts'
import { TlsAcceptor } from './tls/acceptor.ts'

/** After this time a thread has started up, in milliseconds. */
const startupMs = 1000
/** Longest stretch of building between two turns of the event loop, in milliseconds. */
const buildSliceMs = 2

/** Runs a worker on one end of a conversation with the control plane. */
export function startWorker(port: Port<ToWorker, FromWorker>, start: WorkerStart): void {
  new DataPlane(port, start).run()
}

class DataPlane {
  readonly #port: Port<ToWorker, FromWorker>
  readonly #context: ServeContext
  #builder: ServingBuilder
  readonly #listeners: Listeners
  #serving: Serving | null = null
  #changes: PlanChange[] = []
  #handlers = new Map<string, Handler>()
  #secureHandlers = new Map<string, Handler>()
  readonly #tls: TlsAcceptor
  readonly #tunnels: OpenTunnels
  #applying: Promise<void> = Promise.resolve()
  #draining = false
  readonly #listens: boolean

  constructor(port: Port<ToWorker, FromWorker>, start: WorkerStart) {
    this.#port = port
    this.#listens = start.listens
    const board = new Board(start.board, start.boardSize, start.row)
    const wheel = new TimerWheel(systemClock)
    this.#context = createServeContext({
      board,
      wheel,
      ask: (id, request) => port.post({ type: 'ask', id, request }),
      log: (level, message, fields) => port.post({ type: 'log', level, message, fields }),
      series: (news) => port.post({ type: 'series', news }),
    })
    this.#builder = new ServingBuilder(this.#context)
    this.#tls = new TlsAcceptor({
      nowMs: () => systemClock.now(),
      onFault: (error, fields) => this.#context.fault(error, fields),
      onHandshake: (entryPoint, isOk) => this.#context.onHandshake(entryPoint, isOk),
    })
    this.#tunnels = new OpenTunnels(wheel)
    const listening: ListenerContext = {
      board,
      wheel,
      tunnels: this.#tunnels,
      clock: systemClock,
      handler: (entryPoint, secure) => (secure ? this.#secureHandlers : this.#handlers).get(entryPoint) ?? gone,
      tls: this.#tls,
      tcp: (entryPoint) => this.#serving?.streams.tcp.get(entryPoint) ?? null,
      udp: (entryPoint) => this.#serving?.streams.udp.get(entryPoint) ?? null,
      onFault: (error, fields) => this.#context.fault(error, fields),
    }
    this.#listeners = new Listeners(listening, start.takesDescriptors)
  }

  run(): void {
    this.#port.onMessage((message) => this.#receive(message))
    this.#port.post({ type: 'ready' })
  }

  #receive(message: ToWorker): void {
    switch (message.type) {
      case 'changes':
        for (const change of message.changes) this.#changes.push(change)
        if (message.last) this.#applySoon(message.generation)
        // Asked for on a later turn, so that requests are served between two pieces.
        else setImmediate(() => this.#port.post({ type: 'next' }))
        return
      case 'answer':
        this.#context.control.answer(message.id, message.response)
        return
      case 'explain':
        void this.#explain(message.id, message.request)
        return
      case 'reopenLogs':
        this.#context.reopenLogs()
        return
      case 'drain':
        this.#drain(message.graceMs)
    }
  }

  #applySoon(generation: number): void {
    const changes = this.#changes
    this.#changes = []
    this.#applying = this.#applying.then(() => this.#apply(generation, changes))
  }

  async #apply(generation: number, changes: readonly PlanChange[]): Promise<void> {
    let listenFailures: ListenFailure[] = []
    try {
      const steps = this.#builder.build(generation, changes)
      // Nobody waits for a worker that serves nothing yet, so its first generation is built in one go.
      const serving = this.#serving === null ? exhaust(steps) : await inSlices(steps)
      if (this.#serving === null && !isMainThread) systemClock.after(startupMs, releaseStartupMemory)
      this.#swap(serving)
      if (!this.#draining && this.#listens)
        listenFailures = await this.#listeners.update([...serving.entryPoints.values()].map((entryPoint) => entryPoint.plan))
    } catch (cause) {
      // A fault of ours: what is served goes on, and the next generation is built from scratch, since this one was left half done.
      const error = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
      this.#port.post({
        type: 'log',
        level: 'error',
        message: 'cannot build a generation, the last one is served',
        fields: { generation: String(generation), error },
      })
      this.#builder = this.#builder.afresh()
    }
    this.#port.post({ type: 'applied', generation, listenFailures })
  }

  /** Answered when what was sent before is served. */
  async #explain(id: number, request: ExplainRequest): Promise<void> {
    await this.#applying
    const serving = this.#serving
    let explanation: Explanation = { problem: 'no configuration is in force yet', entryPoints: [] }
    try {
      if (serving !== null) explanation = await this.#context.explain(request, serving, this.#builder)
    } catch (cause) {
      explanation = { problem: cause instanceof Error ? cause.message : String(cause), entryPoints: [] }
    }
    this.#port.post({ type: 'explained', id, explanation })
  }

  #swap(serving: Serving): void {
    const handlers = new Map<string, Handler>()
    const secureHandlers = new Map<string, Handler>()
    for (const [name, entryPoint] of serving.entryPoints) {
      handlers.set(name, entryPoint.handler)
      secureHandlers.set(name, entryPoint.secureHandler)
    }
    this.#serving = serving
    this.#handlers = handlers
    this.#secureHandlers = secureHandlers
    if (serving.tls !== null) this.#tls.serve(serving.tls)
    this.#builder.closeReplaced()
    this.#context.onServing(serving, this.#builder.plans)
    this.#tunnels.update(tunnelRoutes(serving, this.#builder.plans))
  }

  /** Drains, once; a further call shortens the time. */
  #drain(graceMs: number | null): void {
    const drained = this.#listeners.drain(graceMs)
    if (this.#draining) return
    this.#draining = true
    void this.#leave(drained)
  }

  async #leave(drained: Promise<void>): Promise<void> {
    await drained
    await this.#context.close()
    this.#port.post({ type: 'drained' })
  }
}

/** Runs the steps of a build in slices, each on a turn of the event loop of its own. */
async function inSlices<T>(steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const until = performance.now() + buildSliceMs
    do {
      const step = steps.next()
      if (step.done === true) return step.value
    } while (performance.now() < until)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** For a connection that outlives its entry point. */
function gone(exchange: Exchange): void {
  exchange.closeAfter = true
  respondNotFound(exchange, 'no_router')
}

function portOf(port: MessagePort): Port<ToWorker, FromWorker> {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', listener),
    close: () => port.close(),
  }
}

if (!isMainThread && parentPort !== null && isWorkerStart(workerData)) startWorker(portOf(parentPort), workerData)

function isWorkerStart(data: unknown): data is WorkerStart {
  return typeof data === 'object' && data !== null && 'board' in data && 'row' in data
}
