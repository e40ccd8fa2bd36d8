/** Counts finished exchanges on the board, for entry point, router and service at once. */
import type { Board } from '../../board/board.ts'
import { requestCounters } from '../../generation/plan.ts'
import type { Exchange, ExchangeObserver } from '../http/exchange.ts'

/** One a entry point; adds to the places that the exchange carries. */
export class RequestCounter implements ExchangeObserver {
  readonly #counters: Float64Array
  readonly #entryPoint: number

  constructor(board: Board, entryPoint: number) {
    this.#counters = board.counters
    this.#entryPoint = entryPoint
  }

  onFinish(exchange: Exchange): void {
    const durationMs = performance.now() - exchange.startedMs
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

function bump(counters: Float64Array, place: number, by: number): void {
  counters[place] = (counters[place] ?? 0) + by
}
