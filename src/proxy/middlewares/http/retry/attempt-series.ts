/** The attempts at answering one request. */
import type { CancelTimer } from '../../../../std/clock.ts'
import { inStatusRanges, type StatusRanges } from '../../../../std/status-ranges.ts'
import type { Timer, TimerOwner, TimerWheel } from '../../../../std/timer-wheel.ts'
import { readAhead, type WholeBody } from '../../../http/body-buffer.ts'
import { BodyLease, LentBody } from '../../../http/body-lease.ts'
import type { BodySource, ResponseProducer } from '../../../http/body.ts'
import type { Exchange, ExchangeObserver, Handler } from '../../../http/exchange.ts'
import { type AnswerGate, AnswerRelay, innerExchange } from '../../../http/inner-exchange.ts'
import { type Reason, reasonStatus } from '../../../http/reasons.ts'
import { fail } from '../../../http/respond.ts'
import type { RetryBudget } from './budget.ts'

/** What is done again, and how often. */
export interface RetryPlan {
  /** Most attempts in all. */
  readonly attempts: number
  /** After so long nothing is sent again; 0: no limit. */
  readonly timeoutMs: number
  readonly initialIntervalMs: number
  /** Longest time to the head of an answer; 0: no limit. */
  readonly attemptTimeoutMs: number
  /** Longest body that is kept; -1: any. */
  readonly bodyBytesMax: number
  readonly ranges: StatusRanges
  /** Whether a request is sent again that reached no server. */
  readonly retriesUnreached: boolean
  /** Whether methods that do something more when done twice are sent again. */
  readonly retriesAnyMethod: boolean
  readonly budget: RetryBudget | null
  readonly wheel: TimerWheel
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** Share by which pauses vary, either way. */
const pauseSpread = 0.5
/** Longest pause between two attempts, in milliseconds. */
const pauseMsMax = 60_000

/** Whether nothing of the request was written to a server. */
function isUnreached(reason: Reason | null): boolean {
  return reason === 'connect_failed' || reason === 'connect_timeout' || reason === 'upstream_tls' || reason === 'upstream_unsupported'
}

/** Runs attempts one after the other, lets the first good answer pass, or the last one. */
export class AttemptSeries implements AnswerGate, ExchangeObserver, ResponseProducer, TimerOwner {
  readonly #plan: RetryPlan
  readonly #outer: Exchange
  readonly #next: Handler
  readonly #startedMs: number
  /** The body when all of it is kept. */
  #whole: WholeBody | null = null
  /** The body otherwise. */
  #lease: BodyLease | null = null
  /** Whether an answer may be a reason to send the request again: it can be, and that does no harm. */
  #isRepeatable: boolean
  #attempt = 0
  #inner: Exchange | null = null
  #holdsBudget = false
  #timer: Timer | null = null
  #cancelPause: CancelTimer | null = null

  constructor(plan: RetryPlan, outer: Exchange, next: Handler) {
    this.#plan = plan
    this.#outer = outer
    this.#next = next
    this.#startedMs = plan.wheel.clock.monotonicMs()
    const { method } = outer
    this.#isRepeatable = plan.retriesAnyMethod || (method !== 'POST' && method !== 'PATCH' && method !== 'LOCK')
  }

  /** Nothing of an attempt that may be followed by another goes to the client before its answer is good. */
  get passesInformational(): boolean {
    return this.#attempt >= this.#plan.attempts
  }

  start(): void {
    const { budget } = this.#plan
    const { body } = this.#outer
    if (budget !== null) budget.active += 1
    this.#outer.addObserver(this)
    if (body === null) this.#run()
    else if (this.#keeps(body)) this.#readBody(body)
    else this.#lendBody(body)
  }

  /** Whether the body is to be kept: some answer may be a reason to send it again, and it is not too long from the outset. */
  #keeps(body: BodySource): boolean {
    const { ranges, bodyBytesMax, attemptTimeoutMs } = this.#plan
    if (!this.#isRepeatable || (ranges.length === 0 && attemptTimeoutMs <= 0) || this.#plan.attempts <= 1) return false
    return bodyBytesMax < 0 || (bodyBytesMax > 0 && body.length <= bodyBytesMax)
  }

  #readBody(body: BodySource): void {
    const outer = this.#outer
    readAhead(body, this.#plan.bodyBytesMax).then(
      (ahead) => {
        if (outer.aborted !== null || outer.finished) return
        if (ahead.kind === 'failed') fail(outer, reasonStatus[ahead.reason], ahead.reason)
        else if (ahead.kind === 'longer') this.#lendBody(ahead.body)
        else {
          this.#whole = ahead.body
          this.#run()
        }
      },
      () => fail(outer, 500, 'internal_error'),
    )
  }

  #lendBody(body: BodySource): void {
    this.#isRepeatable = false
    this.#lease = new BodyLease(body)
    this.#run()
  }

  #run(): void {
    const outer = this.#outer
    const { attemptTimeoutMs, wheel } = this.#plan
    this.#attempt += 1
    const relay = new AnswerRelay(outer, this)
    const inner = innerExchange(outer, this.#whole?.copy() ?? this.#lease?.lend() ?? null, relay)
    this.#inner = inner
    if (attemptTimeoutMs > 0) {
      this.#timer ??= wheel.timer(this)
      this.#timer.set(attemptTimeoutMs)
    }
    relay.run(inner, this.#next)
  }

  /** The attempt took too long. */
  onTimer(): void {
    const inner = this.#inner
    if (inner === null || inner.responseStarted || inner.finished) return
    inner.abort('upstream_timeout')
    inner.producer = null
    fail(inner, 504, 'upstream_timeout')
  }

  admits(inner: Exchange): boolean {
    this.#timer?.clear()
    this.#leaveBudget()
    if (this.#mayRepeat(inner)) return false
    this.#inner = null
    if (inner.body instanceof LentBody) inner.body.keep()
    return true
  }

  #mayRepeat(inner: Exchange): boolean {
    const { attempts, timeoutMs, wheel, retriesUnreached, ranges, budget } = this.#plan
    if (this.#attempt >= attempts) return false
    if (timeoutMs > 0 && wheel.clock.monotonicMs() - this.#startedMs >= timeoutMs) return false
    const isUntouched = retriesUnreached && isUnreached(inner.reason) && !(this.#lease?.isStarted ?? false)
    const isBad = this.#isRepeatable && (inStatusRanges(ranges, inner.status) || this.#isTimeout(inner))
    if (!isUntouched && !isBad) return false
    if (budget === null) return true
    this.#holdsBudget = budget.enter()
    return this.#holdsBudget
  }

  #isTimeout(inner: Exchange): boolean {
    return this.#plan.attemptTimeoutMs > 0 && inner.aborted === 'upstream_timeout'
  }

  onDropped(): void {
    const outer = this.#outer
    outer.retryAttempts += 1
    const pauseMs = this.#pauseMs()
    if (pauseMs <= 0) {
      this.#run()
      return
    }
    outer.producer = this
    this.#cancelPause = this.#plan.wheel.clock.after(pauseMs, () => {
      this.#cancelPause = null
      if (outer.aborted === null && !outer.finished) this.#run()
    })
  }

  /** Pauses grow with each attempt, to twice the first one, and vary so that clients do not come back all at once. */
  #pauseMs(): number {
    const { initialIntervalMs, attempts, random } = this.#plan
    if (initialIntervalMs <= 0) return 0
    const grown = Math.min(initialIntervalMs * 2 ** ((this.#attempt - 1) / (attempts - 1)), pauseMsMax)
    return grown * (1 - pauseSpread + 2 * pauseSpread * random())
  }

  onDrain(): void {}

  onAbort(): void {
    this.#cancelPause?.()
    this.#cancelPause = null
  }

  onFinish(): void {
    const { budget } = this.#plan
    this.#timer?.close()
    this.#cancelPause?.()
    this.#leaveBudget()
    if (budget !== null) budget.active -= 1
  }

  #leaveBudget(): void {
    if (!this.#holdsBudget) return
    this.#holdsBudget = false
    this.#plan.budget?.leave()
  }
}
