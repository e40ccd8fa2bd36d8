/**
 * Starts, supervises and retires the workers of the data plane. The only file of the control plane that names `proxy/worker.ts`, by URL or,
 * for `workers: 0`, by a dynamic import.
 */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { Board } from '../board/board.ts'
import type { ControlRequest, ControlResponse, FromWorker, ToWorker, WorkerStart } from '../generation/messages.ts'
import type { Clock } from '../std/clock.ts'
import type { PlanChange } from '../generation/plan.ts'
import { PlanFeed, type PlanSet } from './publisher.ts'

/** What the workers need of the control plane. */
export interface WorkersContext {
  readonly board: Board
  readonly clock: Clock
  ask(request: ControlRequest): Promise<ControlResponse>
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, string>>): void
  /** Told when every worker serves a generation. */
  onServed(generation: number): void
}

/** Longest wait before a worker that keeps dying is started again, in milliseconds. */
const restartDelayMsMax = 1000
/** A worker that lived this long has not died at start, in milliseconds. */
const soundLifeMs = 10_000
/** Heap of a worker in MiB: a runaway ends that worker, not the process. */
const workerHeapMiB = 4096

/** The workers of a process. */
export class Workers {
  readonly #context: WorkersContext
  readonly #slots = new Map<number, Slot>()
  readonly #leaving = new Set<Promise<void>>()
  #generation = 0
  #served = 0
  #plans: PlanSet | null = null
  #inMain = false

  constructor(context: WorkersContext) {
    this.#context = context
  }

  /** Brings the number of workers to `count`; 0 runs the data plane in the main thread. Resolves when new ones are up. */
  async resize(count: number): Promise<void> {
    const inMain = count === 0
    const wanted = inMain ? 1 : Math.min(count, this.#context.board.size.rows - 1)
    if (inMain !== this.#inMain) for (const slot of this.#slots.values()) this.#retire(slot, defaultGraceMs)
    this.#inMain = inMain
    const fresh: Promise<void>[] = []
    for (let row = 1; row <= wanted; row += 1) {
      if (this.#slots.has(row)) continue
      const slot = new Slot(row, inMain, this.#context, () => this.#check())
      this.#slots.set(row, slot)
      fresh.push(slot.start(this.#generation, this.#plans))
    }
    for (const slot of this.#slots.values()) if (slot.row > wanted) this.#retire(slot, defaultGraceMs)
    await Promise.all(fresh)
  }

  /** Publishes a generation to all workers; `changes` is the difference to the one before. */
  publish(generation: number, plans: PlanSet, changes: readonly PlanChange[]): void {
    // Workers mostly have the same plans, so the difference serves all of them.
    const before = this.#plans
    this.#generation = generation
    this.#plans = plans
    for (const slot of this.#slots.values()) slot.publish(generation, plans, slot.sent === before ? changes : undefined)
  }

  /** Asks every worker to open its log files anew. */
  reopenLogs(): void {
    for (const slot of this.#slots.values()) slot.post({ type: 'reopenLogs' })
  }

  /** Stops accepting everywhere, lets what runs finish as each entry point's `lifeCycle` says, and ends the workers. */
  async shutDown(): Promise<void> {
    for (const slot of this.#slots.values()) this.#retire(slot, null)
    await Promise.all(this.#leaving)
  }

  #retire(slot: Slot, graceMs: number | null): void {
    this.#slots.delete(slot.row)
    const left = slot.retire(graceMs)
    this.#leaving.add(left)
    void left.finally(() => this.#leaving.delete(left))
  }

  #check(): void {
    let least = Number.POSITIVE_INFINITY
    for (const slot of this.#slots.values()) least = Math.min(least, slot.applied)
    if (least === Number.POSITIVE_INFINITY || least <= this.#served) return
    this.#served = least
    this.#context.onServed(least)
  }
}

const defaultGraceMs = 10 * 60_000

interface Conversation {
  post(message: ToWorker): void
  end(): Promise<void>
}

/** One place for a worker, and whoever holds it now. */
class Slot {
  readonly row: number
  /** Newest generation that its worker serves. */
  applied = 0
  readonly #inMain: boolean
  readonly #context: WorkersContext
  readonly #onApplied: () => void
  #conversation: Conversation | null = null
  #feed: PlanFeed | null = null
  #latest: { generation: number; plans: PlanSet } | null = null
  #retiring = false
  #onDrained: (() => void) | null = null
  #startedMs = 0
  #failures = 0
  #onFirstApplied: (() => void) | null = null

  constructor(row: number, inMain: boolean, context: WorkersContext, onApplied: () => void) {
    this.row = row
    this.#inMain = inMain
    this.#context = context
    this.#onApplied = onApplied
  }

  get sent(): PlanSet | null {
    return this.#feed?.sent ?? null
  }

  /** Starts the worker; resolves when it serves the given generation (at once when there is none). */
  async start(generation: number, plans: PlanSet | null): Promise<void> {
    if (plans !== null) this.#latest = { generation, plans }
    const served = plans === null ? Promise.resolve() : new Promise<void>((resolve) => (this.#onFirstApplied = resolve))
    await this.#spawn()
    await served
  }

  publish(generation: number, plans: PlanSet, changes: readonly PlanChange[] | undefined): void {
    this.#latest = { generation, plans }
    this.#feed?.publish(generation, plans, changes)
  }

  post(message: ToWorker): void {
    this.#conversation?.post(message)
  }

  async retire(graceMs: number | null): Promise<void> {
    this.#retiring = true
    const conversation = this.#conversation
    if (conversation === null) return
    const drained = new Promise<void>((resolve) => (this.#onDrained = resolve))
    conversation.post({ type: 'drain', graceMs })
    await drained
    await conversation.end()
    this.#context.board.clearGauges(this.row)
  }

  async #spawn(): Promise<void> {
    const { board, clock } = this.#context
    this.#startedMs = clock.monotonicMs()
    const start: WorkerStart = { board: board.buffer, boardSize: board.size, row: this.row }
    this.#conversation = this.#inMain ? await startInMain(start, (message) => this.#receive(message)) : this.#startThread(start)
  }

  #startThread(start: WorkerStart): Conversation {
    const worker = createWorker(start)
    worker.on('message', (message: FromWorker) => this.#receive(message))
    worker.on('error', (error: Error) => this.#context.log('error', `worker failed: ${error.message}`, { worker: String(this.row), stack: error.stack ?? '' }))
    worker.on('exit', (code) => this.#onExit(code))
    return {
      post: (message) => worker.postMessage(message),
      end: async () => {
        await worker.terminate()
      },
    }
  }

  #onExit(code: number): void {
    this.#conversation = null
    this.#feed = null
    this.#onDrained?.()
    if (this.#retiring) return
    this.#context.board.clearGauges(this.row)
    const { clock } = this.#context
    this.#failures = clock.monotonicMs() - this.#startedMs > soundLifeMs ? 1 : this.#failures + 1
    const delayMs = this.#failures === 1 ? 0 : Math.min(restartDelayMsMax, 100 * 2 ** this.#failures)
    this.#context.log('error', 'worker ended, starting another', { worker: String(this.row), code: String(code) })
    clock.after(delayMs, () => {
      if (!this.#retiring) void this.#spawn()
    })
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready': {
        this.#feed = new PlanFeed((piece) => this.post(piece))
        const latest = this.#latest
        if (latest !== null) this.#feed.publish(latest.generation, latest.plans)
        return
      }
      case 'next':
        this.#feed?.sendNext()
        return
      case 'applied':
        this.applied = message.generation
        this.#onFirstApplied?.()
        this.#onFirstApplied = null
        this.#feed?.applied()
        this.#onApplied()
        return
      case 'ask':
        void this.#context.ask(message.request).then((response) => this.post({ type: 'answer', id: message.id, response }))
        return
      case 'listenFailed':
        this.#context.log('error', `cannot listen: ${message.message}`, { entryPointName: message.entryPoint, worker: String(this.row) })
        return
      case 'log':
        this.#context.log(message.level, message.message, message.fields)
        return
      case 'drained':
        this.#onDrained?.()
    }
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

async function startInMain(start: WorkerStart, receive: (message: FromWorker) => void): Promise<Conversation> {
  const { startWorker } = await import('../proxy/worker.ts')
  const { port1, port2 } = new MessageChannel()
  port1.on('message', receive)
  startWorker({ post: (message) => port2.postMessage(message), onMessage: (listener) => onMessage(port2, listener), close: () => port2.close() }, start)
  return {
    post: (message) => port1.postMessage(message),
    end: async () => {
      port1.close()
    },
  }
}

function onMessage(port: MessagePort, listener: (message: ToWorker) => void): void {
  port.on('message', listener)
}
