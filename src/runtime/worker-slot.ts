/** One place for a worker: whoever holds it is fed with generations, replaced when it dies, and retired in order. */
import type { Worker } from 'node:worker_threads'
import type { Board } from '../board/board.ts'
import type { SeriesNews } from '../board/series-kinds.ts'
import type { ExplainRequest, Explanation } from '../generation/explanation.ts'
import type { ControlRequest, ControlResponse, FromWorker, ListenFailure, ToWorker, WorkerStart } from '../generation/messages.ts'
import type { PlanChange } from '../generation/plan.ts'
import type { CancelTimer, Clock } from '../std/clock.ts'
import { PlanFeed, type PlanSet } from './publisher.ts'

/** A line to a running worker. */
export interface Conversation {
  post(message: ToWorker): void
  /** Ends the worker at once; resolves when it is gone. */
  end(): Promise<void>
  /** Its thread; absent when it runs in the main one. */
  readonly thread?: Worker
}

/** What comes back on the line. After `onExit` nothing does. */
export interface ConversationEvents {
  onMessage(message: FromWorker): void
  /** Something threw that nobody caught; the end follows. */
  onFailure(error: Error): void
  onExit(code: number): void
}

/** Starts a worker. */
export type StartConversation = (start: WorkerStart, events: ConversationEvents) => Conversation | Promise<Conversation>

/** What a slot leans on. */
export interface SlotContext {
  readonly board: Board
  readonly clock: Clock
  readonly start: StartConversation
  ask(request: ControlRequest): Promise<ControlResponse>
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, string>>): void
  /** Told of series of metrics that a worker has; `worker` stands for it until `onSeriesEnd`. */
  onSeries?(worker: object, news: SeriesNews): void
  onSeriesEnd?(worker: object): void
  /** Told when the worker serves another generation. */
  onApplied(): void
  /** Whether the first worker here takes the descriptors of socket activation. */
  readonly takesDescriptors: boolean
  /** False for workers that are only asked what they would do. */
  readonly listens?: boolean
  /** Told when a worker that took them has died, and they with it. */
  onDescriptorsLost(row: number): void
}

/** Longest wait before a worker that keeps dying is started again, in milliseconds. */
const restartDelayMsMax = 1000
/** A worker that lived this long has not died at start, in milliseconds. */
const soundLifeMs = 10_000

/** A supervised worker. */
export class Slot implements ConversationEvents {
  readonly row: number
  /** Newest generation that its worker serves. */
  applied = 0
  /** Entry points of that generation that the worker cannot listen on. */
  listenFailures: readonly ListenFailure[] = []
  readonly #context: SlotContext
  #conversation: Conversation | null = null
  #opening: Promise<void> = Promise.resolve()
  #feed: PlanFeed | null = null
  #latest: { generation: number; plans: PlanSet } | null = null
  #waiting: { readonly generation: number; readonly resolve: () => void }[] = []
  #leaving: Promise<void> | null = null
  #onDrained: (() => void) | null = null
  #graceMs: number | null = null
  #startedMs = 0
  #deaths = 0
  #failure: Error | null = null
  #lives = 0
  /** Questions that the worker has not answered yet. */
  readonly #questions = new Map<number, (explanation: Explanation) => void>()
  #lastQuestion = 0
  #restart: CancelTimer | null = null

  constructor(row: number, context: SlotContext) {
    this.row = row
    this.#context = context
  }

  /** The plans that the worker has or is being sent; null when it has none. */
  get sent(): PlanSet | null {
    return this.#feed?.sent ?? null
  }

  /** Starts the worker; resolves when it serves the given generation, or has failed to. */
  async start(generation: number, plans: PlanSet | null): Promise<void> {
    if (plans !== null) this.#latest = { generation, plans }
    const served = this.whenServed(plans === null ? 0 : generation)
    await this.#spawn()
    await served
  }

  /** Hands over a generation; `changes` is its difference to `sent`, when that is known. */
  publish(generation: number, plans: PlanSet, changes: readonly PlanChange[] | undefined): void {
    this.#latest = { generation, plans }
    this.#feed?.publish(generation, plans, changes)
  }

  /** Resolves when the worker serves this generation or a newer one, dies on the way, or is retired. */
  whenServed(generation: number): Promise<void> {
    if (this.applied >= generation || this.#leaving !== null) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ generation, resolve }))
  }

  /** Its worker's thread, when it has one. */
  get thread(): Worker | undefined {
    return this.#conversation?.thread
  }

  /** Asks what would become of a request; a worker that dies meanwhile leaves it unsaid. */
  explain(request: ExplainRequest): Promise<Explanation> {
    this.#lastQuestion += 1
    const id = this.#lastQuestion
    return new Promise((resolve) => {
      this.#questions.set(id, resolve)
      this.post({ type: 'explain', id, request })
    })
  }

  post(message: ToWorker): void {
    this.#conversation?.post(message)
  }

  /** Lets the worker finish what it does within the grace time, and ends it. A later call may shorten the time. */
  retire(graceMs: number | null): Promise<void> {
    this.#graceMs = graceMs
    if (this.#onDrained !== null) this.post({ type: 'drain', graceMs })
    return (this.#leaving ??= this.#leave())
  }

  onMessage(message: FromWorker): void {
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
        this.listenFailures = message.listenFailures
        this.#feed?.applied()
        this.#wake((waiting) => waiting.generation <= this.applied)
        this.#context.onApplied()
        return
      case 'ask': {
        // A worker that replaces this one counts its questions anew: the answer must not reach it.
        const asker = this.#conversation
        void this.#context.ask(message.request).then((response) => asker?.post({ type: 'answer', id: message.id, response }))
        return
      }
      case 'log':
        this.#context.log(message.level, message.message, message.fields)
        return
      case 'explained':
        this.#questions.get(message.id)?.(message.explanation)
        this.#questions.delete(message.id)
        return
      case 'series':
        if (this.#conversation !== null) this.#context.onSeries?.(this.#conversation, message.news)
        return
      case 'drained':
        this.#onDrained?.()
    }
  }

  onFailure(error: Error): void {
    this.#failure = error
  }

  onExit(code: number): void {
    const failure = this.#failure
    this.#failure = null
    if (this.#conversation !== null) this.#context.onSeriesEnd?.(this.#conversation)
    this.#conversation = null
    this.#feed = null
    this.#context.board.clearGauges(this.row)
    this.#onDrained?.()
    this.#wake(() => true)
    for (const resolve of this.#questions.values()) resolve({ problem: 'the worker that was asked has ended', entryPoints: [] })
    this.#questions.clear()
    if (this.#leaving !== null) return
    this.#startAnother(code, failure)
    if (this.#context.takesDescriptors && this.#lives === 1) this.#context.onDescriptorsLost(this.row)
  }

  #startAnother(code: number, failure: Error | null): void {
    const { clock } = this.#context
    this.#deaths = clock.monotonicMs() - this.#startedMs > soundLifeMs ? 1 : this.#deaths + 1
    const delayMs = this.#deaths === 1 ? 0 : Math.min(restartDelayMsMax, 50 * 2 ** this.#deaths)
    const reason = failure === null ? `it ended with code ${code}` : failure.message
    this.#context.log('error', `worker ended, starting another: ${reason}`, {
      worker: String(this.row),
      ...(failure?.stack === undefined ? {} : { stack: failure.stack }),
    })
    this.#restart = clock.after(delayMs, () => void this.#spawn())
  }

  #spawn(): Promise<void> {
    this.#opening = this.#open()
    return this.#opening
  }

  async #open(): Promise<void> {
    const { board, clock, start } = this.#context
    this.#startedMs = clock.monotonicMs()
    this.#lives += 1
    const takesDescriptors = this.#context.takesDescriptors && this.#lives === 1
    try {
      this.#conversation = await start(
        { board: board.buffer, boardSize: board.size, row: this.row, takesDescriptors, listens: this.#context.listens ?? true },
        this,
      )
    } catch (cause) {
      this.#failure = cause instanceof Error ? cause : new Error(String(cause))
      this.onExit(1)
    }
  }

  async #leave(): Promise<void> {
    this.#restart?.()
    this.#wake(() => true)
    await this.#opening
    const conversation = this.#conversation
    if (conversation === null) return
    const drained = new Promise<void>((resolve) => (this.#onDrained = resolve))
    conversation.post({ type: 'drain', graceMs: this.#graceMs })
    await drained
    await conversation.end()
    this.#context.onSeriesEnd?.(conversation)
    this.#context.board.clearGauges(this.row)
  }

  #wake(isOver: (waiting: { readonly generation: number }) => boolean): void {
    const before = this.#waiting
    this.#waiting = before.filter((waiting) => !isOver(waiting))
    for (const waiting of before) if (isOver(waiting)) waiting.resolve()
  }
}
