import type { Pace } from '../../../../board/paces.ts'
import { tickMs, type Timer, type TimerOwner, type TimerWheel } from '../../../../std/timer-wheel.ts'
import type { BodyConsumer, BodySource } from '../../../http/body.ts'
import type { Exchange, ExchangeObserver } from '../../../http/exchange.ts'
import type { HeaderList } from '../../../http/header-list.ts'
import type { Reason } from '../../../http/reasons.ts'

/** A request body that pauses until what has come is paid for. */
export class PacedBody implements BodySource, BodyConsumer, ExchangeObserver, TimerOwner {
  readonly #source: BodySource
  readonly #exchange: Exchange
  readonly #pace: Pace
  readonly #wheel: TimerWheel
  #consumer: BodyConsumer | null = null
  #timer: Timer | null = null
  #isPausedByConsumer = false

  constructor(exchange: Exchange, source: BodySource, pace: Pace, wheel: TimerWheel) {
    this.#exchange = exchange
    this.#source = source
    this.#pace = pace
    this.#wheel = wheel
  }

  get length(): number {
    return this.#source.length
  }

  get ended(): boolean {
    return this.#source.ended
  }

  start(consumer: BodyConsumer): void {
    this.#consumer = consumer
    this.#source.start(this)
  }

  pause(): void {
    this.#isPausedByConsumer = true
    this.#source.pause()
  }

  resume(): void {
    this.#isPausedByConsumer = false
    if (this.#timer === null || !this.#timer.isSet) this.#source.resume()
  }

  discard(): void {
    this.#timer?.close()
    this.#source.discard()
  }

  onBodyChunk(chunk: Buffer): void {
    const waitMs = this.#pace.debit(chunk.length)
    if (waitMs >= tickMs) {
      this.#source.pause()
      if (this.#timer === null) {
        this.#timer = this.#wheel.timer(this)
        this.#exchange.addObserver(this)
      }
      this.#timer.set(waitMs)
    }
    this.#consumer?.onBodyChunk(chunk)
  }

  onBodyEnd(trailers: HeaderList | null): void {
    this.#timer?.close()
    this.#consumer?.onBodyEnd(trailers)
  }

  onBodyError(reason: Reason): void {
    this.#timer?.close()
    this.#consumer?.onBodyError(reason)
  }

  onTimer(): void {
    if (!this.#isPausedByConsumer) this.#source.resume()
  }

  onFinish(): void {
    this.#timer?.close()
  }
}
