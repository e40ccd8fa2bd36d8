/**
 * Starts, supervises and retires the workers of the data plane. The only file of the control plane that names `proxy/worker.ts`, by URL or,
 * for `workers: 0`, by a dynamic import.
 */
import { MessageChannel, Worker } from 'node:worker_threads'
import type { Board } from '../board/board.ts'
import type { SeriesNews } from '../board/series-kinds.ts'
import type { ExplainRequest, Explanation } from '../generation/explanation.ts'
import type { ControlRequest, ControlResponse, FromWorker, ListenFailure, ToWorker, WorkerStart } from '../generation/messages.ts'
import type { PlanChange } from '../generation/plan.ts'
import type { Clock } from '../std/clock.ts'
import { type Profiled, profiledWorker } from './profiling.ts'
import type { PlanSet } from './publisher.ts'
import { type Conversation, type ConversationEvents, Slot, type StartConversation } from './worker-slot.ts'

/** What the workers need of the control plane. */
export interface WorkersContext {
  readonly board: Board
  readonly clock: Clock
  ask(request: ControlRequest): Promise<ControlResponse>
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, string>>): void
  /** Told of series of metrics that a worker has; `worker` stands for it until `onSeriesEnd`. */
  onSeries?(worker: object, news: SeriesNews): void
  onSeriesEnd?(worker: object): void
  /** Told when every worker serves a generation. */
  onServed(generation: number): void
  /** Told when a worker has died that had descriptors of socket activation: they are closed for good. */
  onDescriptorsLost(row: number): void
  /** How workers start; as threads or, for `workers: 0`, in the main thread when absent. */
  readonly start?: (inMain: boolean) => StartConversation
  /** False for workers that are only asked what they would do. */
  readonly listens?: boolean
}

/** Heap of a worker in MiB: a runaway ends that worker, not the process. */
const workerHeapMiB = 4096
/** How long connections of a worker that is not needed any more may go on, in milliseconds. */
const retiredGraceMs = 10 * 60_000

/** The workers of a process. */
export class Workers {
  readonly #context: WorkersContext
  /** Those that serve, and whether they run in the main thread. */
  readonly #slots = new Map<Slot, boolean>()
  /** Retired ones that still finish what they do; they hold their rows of the board. */
  readonly #leaving = new Set<Slot>()
  #wanted = 0
  #inMain = false
  #generation = 0
  #served = 0
  #plans: PlanSet | null = null
  #isDown = false
  #reported = new Set<string>()
  /** Rows whose descriptors of socket activation somebody has taken. */
  readonly #usedRows = new Set<number>()

  constructor(context: WorkersContext) {
    this.#context = context
  }

  /**
   * Brings the number of workers to `count`; 0 runs the data plane in the main thread. New ones serve before old ones stop accepting. Resolves
   * when they do, or have failed to.
   */
  async resize(count: number): Promise<void> {
    if (this.#isDown) return
    this.#inMain = count === 0
    this.#wanted = Math.max(1, count)
    await this.#fill()
    this.#trim()
  }

  /** Publishes a generation to all workers; `changes` is the difference to the one before. */
  publish(generation: number, plans: PlanSet, changes: readonly PlanChange[]): void {
    // Workers mostly have the same plans, so the difference serves all of them.
    const before = this.#plans
    this.#generation = generation
    this.#plans = plans
    // Retired workers still answer who is connected to them.
    for (const slot of [...this.#slots.keys(), ...this.#leaving])
      slot.publish(generation, plans, slot.sent === before ? changes : undefined)
  }

  /** Resolves when every worker serves the newest generation; one that dies meanwhile is not waited for. */
  async settled(): Promise<void> {
    await Promise.all([...this.#slots.keys()].map((slot) => slot.whenServed(this.#generation)))
  }

  /** Entry points that some worker cannot listen on, each once. */
  get listenFailures(): readonly ListenFailure[] {
    const failures = new Map<string, ListenFailure>()
    for (const slot of this.#slots.keys()) for (const failure of slot.listenFailures) failures.set(keyOf(failure), failure)
    return [...failures.values()]
  }

  /** Threads of the workers that serve, for profiles; none when they run in the main one. */
  get threads(): readonly Profiled[] {
    return [...this.#slots.keys()].flatMap(({ thread, row }) =>
      thread === undefined ? [] : [profiledWorker(thread, row, this.#context.clock)],
    )
  }

  /** Asks a worker what would become of a request. */
  async explain(request: ExplainRequest): Promise<Explanation> {
    const [slot] = this.#slots.keys()
    return slot === undefined ? { problem: 'no worker is running', entryPoints: [] } : slot.explain(request)
  }

  /** Asks every worker to open its log files anew. */
  reopenLogs(): void {
    for (const slot of [...this.#slots.keys(), ...this.#leaving]) slot.post({ type: 'reopenLogs' })
  }

  /** Stops accepting everywhere, lets what runs finish as each entry point's `lifeCycle` says, and ends the workers. */
  async shutDown(): Promise<void> {
    this.#isDown = true
    await Promise.all([...this.#leaving, ...this.#slots.keys()].map((slot) => this.#retire(slot, null)))
  }

  /** Starts what is missing, as far as rows of the board are free: the rest follows when a retired worker has left. */
  async #fill(): Promise<void> {
    const fresh: Promise<void>[] = []
    const taken = new Set([...this.#slots.keys(), ...this.#leaving].map((slot) => slot.row))
    let missing = this.#wanted - this.#current().length
    for (let row = 1; row < this.#context.board.size.rows && missing > 0; row += 1) {
      if (taken.has(row)) continue
      missing -= 1
      const takesDescriptors = !this.#usedRows.has(row)
      this.#usedRows.add(row)
      const slot = new Slot(row, { ...this.#context, start: this.#startOf(), onApplied: () => this.#onApplied(), takesDescriptors })
      this.#slots.set(slot, this.#inMain)
      fresh.push(slot.start(this.#generation, this.#plans))
    }
    await Promise.all(fresh)
  }

  /** Retires what is too much; the last one goes only when there is another. */
  #trim(): void {
    const current = this.#current()
    const kept = new Set(current.length === 0 ? [...this.#slots.keys()].slice(0, 1) : current.slice(0, this.#wanted))
    for (const slot of this.#slots.keys()) if (!kept.has(slot)) void this.#retire(slot, retiredGraceMs)
  }

  /** Slots of the kind that is wanted, the oldest first. */
  #current(): Slot[] {
    return [...this.#slots].filter(([, inMain]) => inMain === this.#inMain).map(([slot]) => slot)
  }

  #startOf(): StartConversation {
    const inMain = this.#inMain
    return this.#context.start?.(inMain) ?? (inMain ? startInMain : startThread)
  }

  async #retire(slot: Slot, graceMs: number | null): Promise<void> {
    this.#slots.delete(slot)
    this.#leaving.add(slot)
    await slot.retire(graceMs)
    this.#leaving.delete(slot)
    if (this.#isDown) return
    await this.#fill()
    this.#trim()
  }

  #onApplied(): void {
    this.#reportFailures()
    let least = Number.POSITIVE_INFINITY
    for (const slot of this.#slots.keys()) least = Math.min(least, slot.applied)
    if (least === Number.POSITIVE_INFINITY || least <= this.#served) return
    this.#served = least
    this.#context.onServed(least)
  }

  /** Logs what cannot be listened on: once for all workers, and for as long as it stays so. */
  #reportFailures(): void {
    const failures = this.listenFailures
    for (const failure of failures) {
      if (!this.#reported.has(keyOf(failure)))
        this.#context.log('error', `cannot listen: ${failure.message}`, { entryPointName: failure.entryPoint })
    }
    this.#reported = new Set(failures.map(keyOf))
  }
}

function keyOf({ entryPoint, message }: ListenFailure): string {
  return `${entryPoint} ${message}`
}

function startThread(start: WorkerStart, events: ConversationEvents): Conversation {
  const worker = createWorker(start)
  worker.on('message', (message: FromWorker) => events.onMessage(message))
  worker.on('error', (error: Error) => events.onFailure(error))
  worker.on('exit', (code) => events.onExit(code))
  return {
    post: (message) => worker.postMessage(message),
    thread: worker,
    end: async () => {
      await worker.terminate()
    },
  }
}

/** The single executable holds the worker as text; elsewhere it is a file beside this one. */
function createWorker(start: WorkerStart): Worker {
  const options = { workerData: start, resourceLimits: { maxOldGenerationSizeMb: workerHeapMiB } }
  const source = workerSource.text
  if (source !== null) return new Worker(source, { ...options, eval: true })
  return new Worker(new URL(`../proxy/worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url), options)
}

/** Text of the bundled worker; set by the entry of the single executable before anything starts. */
export const workerSource: { text: string | null } = { text: null }

async function startInMain(start: WorkerStart, events: ConversationEvents): Promise<Conversation> {
  const { startWorker } = await import('../proxy/worker.ts')
  const { port1, port2 } = new MessageChannel()
  port1.on('message', (message: FromWorker) => events.onMessage(message))
  startWorker(
    {
      post: (message) => port2.postMessage(message),
      onMessage: (listener) => void port2.on('message', (message: ToWorker) => listener(message)),
      close: () => port2.close(),
    },
    start,
  )
  return {
    post: (message) => port1.postMessage(message),
    end: async () => port1.close(),
  }
}
