import type { Pace } from '../../../../board/paces.ts'
import { tickMs, type Timer, type TimerOwner, type TimerWheel } from '../../../../std/timer-wheel.ts'
import type { ResponseProducer } from '../../../http/body.ts'
import type { Exchange, ExchangeObserver, ResponseSink } from '../../../http/exchange.ts'
import type { HeaderList } from '../../../http/header-list.ts'
import type { Reason } from '../../../http/reasons.ts'
import type { Transport } from '../../../transport/transport.ts'

/** Passes an answer on and holds its producer back until what it sent is paid for. */
export class PacedSink implements ResponseSink, ResponseProducer, ExchangeObserver, TimerOwner {
  readonly #next: ResponseSink
  readonly #exchange: Exchange
  readonly #pace: Pace
  readonly #wheel: TimerWheel
  #producer: ResponseProducer | null = null
  #timer: Timer | null = null
  /** The client takes no more for now, whatever the pace. */
  #isFull = false

  constructor(exchange: Exchange, pace: Pace, wheel: TimerWheel) {
    this.#next = exchange.sink
    this.#exchange = exchange
    this.#pace = pace
    this.#wheel = wheel
  }

  informational(exchange: Exchange, status: number, headers: HeaderList): void {
    this.#next.informational(exchange, status, headers)
  }

  head(exchange: Exchange): void {
    this.#next.head(exchange)
  }

  write(exchange: Exchange, chunk: Uint8Array): boolean {
    const isTaken = this.#next.write(exchange, chunk)
    const waitMs = this.#pace.debit(chunk.length)
    // Shorter waits than the wheel can tell are made up for by a later one.
    if (waitMs < tickMs) return isTaken
    this.#isFull = !isTaken
    this.#hold(waitMs)
    return false
  }

  writeText(exchange: Exchange, text: string): void {
    this.#next.writeText(exchange, text)
    this.#pace.debit(text.length)
  }

  end(exchange: Exchange): void {
    this.#release()
    this.#next.end(exchange)
  }

  abort(exchange: Exchange, reason: Reason): void {
    this.#release()
    this.#next.abort(exchange, reason)
  }

  upgrade(exchange: Exchange, server: Transport, early: Buffer | null): void {
    this.#next.upgrade(exchange, server, early)
  }

  onDrain(): void {
    this.#isFull = false
    if (this.#timer === null || !this.#timer.isSet) this.#producer?.onDrain()
  }

  onAbort(reason: Reason): void {
    this.#timer?.close()
    this.#producer?.onAbort(reason)
  }

  onTimer(): void {
    if (!this.#isFull) this.#producer?.onDrain()
  }

  onFinish(): void {
    this.#timer?.close()
  }

  /** From now on the driver's word that the client takes more comes here. */
  #hold(waitMs: number): void {
    const exchange = this.#exchange
    if (exchange.producer !== this) {
      this.#producer = exchange.producer
      exchange.producer = this
    }
    if (this.#timer === null) {
      this.#timer = this.#wheel.timer(this)
      exchange.addObserver(this)
    }
    this.#timer.set(waitMs)
  }

  #release(): void {
    this.#timer?.close()
    if (this.#exchange.producer === this) this.#exchange.producer = null
  }
}
