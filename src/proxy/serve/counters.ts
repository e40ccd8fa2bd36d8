/** Counts finished exchanges on the board, for entry point, router and service at once. */
import type { Board } from '../../board/board.ts'
import { requestCounters } from '../../generation/plan.ts'
import type { Exchange, ExchangeObserver, Handler } from '../http/exchange.ts'
import type { Recorder } from '../observe/recorder.ts'
import { requestKind } from '../observe/request-kind.ts'
import type { RequestScope } from '../observe/request-scope.ts'

/** One a entry point; adds to the places that the exchange carries. */
export class RequestCounter implements ExchangeObserver {
  readonly #counters: Float64Array
  readonly #entryPoint: number

  constructor(board: Board, entryPoint: number) {
    this.#counters = board.counters
    this.#entryPoint = entryPoint
  }

  onFinish(exchange: Exchange): void {
    this.count(exchange, performance.now() - exchange.startedMs)
  }

  /** Counts an exchange that took so many milliseconds. */
  count(exchange: Exchange, durationMs: number): void {
    this.#add(this.#entryPoint, exchange, durationMs)
    if (exchange.routerCounters !== 0) this.#add(exchange.routerCounters, exchange, durationMs)
    if (exchange.serviceCounters !== 0) this.#add(exchange.serviceCounters, exchange, durationMs)
  }

  #add(place: number, exchange: Exchange, durationMs: number): void {
    const counters = this.#counters
    const status = exchange.status >= 100 && exchange.status < 600 ? (exchange.status / 100) | 0 : 5
    bump(counters, place + requestCounters.requests, 1)
    bump(counters, place + status, 1)
    bump(counters, place + requestCounters.requestBytes, exchange.requestBytes)
    bump(counters, place + requestCounters.responseBytes, exchange.responseBytes)
    bump(counters, place + requestCounters.durationMs, durationMs)
  }
}

/** Counts exchanges, and measures them for exporters of metrics. */
export class MeasuringCounter implements ExchangeObserver {
  readonly #counter: RequestCounter
  readonly #recorder: Recorder
  readonly #entryPoint: RequestScope | null
  readonly #measuresUnrouted: boolean

  /** `measuresUnrouted`: requests that no router takes are measured, too. */
  constructor(counter: RequestCounter, recorder: Recorder, entryPoint: string, measuresUnrouted: boolean) {
    this.#counter = counter
    this.#recorder = recorder
    this.#entryPoint = recorder.entryPoint(entryPoint)
    this.#measuresUnrouted = measuresUnrouted
  }

  /** Puts it in front of the routes of an entry point. */
  observe(next: Handler): Handler {
    return (exchange) => {
      exchange.measuredAs = requestKind(exchange)
      exchange.addObserver(this)
      return next(exchange)
    }
  }

  onFinish(exchange: Exchange): void {
    const durationMs = performance.now() - exchange.startedMs
    this.#counter.count(exchange, durationMs)
    const isMeasured = exchange.routerName === '' ? this.#measuresUnrouted : exchange.measured
    if (isMeasured) this.#recorder.finish(this.#entryPoint, exchange, durationMs)
  }
}

function bump(counters: Float64Array, place: number, by: number): void {
  counters[place] = (counters[place] ?? 0) + by
}
