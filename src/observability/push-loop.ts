/** Pushes metrics to a collector from time to time. A collector that is away or slow costs one warning, and never more than one push under way. */
import type { CancelTimer, Clock } from '../std/clock.ts'
import type { Logger } from '../std/log.ts'
import type { Snapshot } from './snapshot.ts'

/** An exporter that sends by itself. */
export interface PushExporter {
  /** As it is called in logs: `metrics.statsD`. */
  readonly name: string
  readonly intervalMs: number
  readonly switches: { readonly addEntryPointsLabels: boolean; readonly addRoutersLabels: boolean; readonly addServicesLabels: boolean }
  /** Sends; rejects when it could not. What was not sent is part of the next push. */
  push(snapshot: Snapshot): Promise<void>
  close(): void
}

/** What a loop leans on. */
export interface PushContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly snapshot: () => Snapshot
}

/** Shortest time between two pushes, in milliseconds. */
const intervalMsMin = 100
/** How long the last push may take, in milliseconds. */
const lastPushMs = 1000

/** One exporter at work. */
export class PushLoop {
  readonly #exporter: PushExporter
  readonly #context: PushContext
  #cancel: CancelTimer
  #running: Promise<void> | null = null
  #isFailing = false

  constructor(exporter: PushExporter, context: PushContext) {
    this.#exporter = exporter
    this.#context = context
    this.#cancel = this.#next()
  }

  /** Pushes a last time and ends. */
  async close(): Promise<void> {
    this.#cancel()
    let cancel: CancelTimer = () => {}
    const late = new Promise<void>((resolve) => (cancel = this.#context.clock.after(lastPushMs, resolve)))
    await Promise.race([(this.#running ?? Promise.resolve()).then(() => this.#push()), late])
    cancel()
    this.#exporter.close()
  }

  #next(): CancelTimer {
    return this.#context.clock.after(Math.max(intervalMsMin, this.#exporter.intervalMs), () => {
      this.#cancel = this.#next()
      if (this.#running !== null) return
      this.#running = this.#push().finally(() => (this.#running = null))
    })
  }

  async #push(): Promise<void> {
    const { logger, snapshot } = this.#context
    try {
      await this.#exporter.push(snapshot())
      if (this.#isFailing) logger.info(`${this.#exporter.name}: metrics are sent again`)
      this.#isFailing = false
    } catch (cause) {
      if (!this.#isFailing)
        logger.warn(`${this.#exporter.name}: cannot send metrics, trying again: ${cause instanceof Error ? cause.message : String(cause)}`)
      this.#isFailing = true
    }
  }
}
