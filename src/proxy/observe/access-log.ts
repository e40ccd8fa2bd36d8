/**
 * Access logs of a worker. What a line shows of a request is noted before routing, since middlewares rewrite requests; the line is made when the
 * exchange is over. An entry point without an access log has no code of this module in its path.
 */
import { type Board, fixedCells } from '../../board/board.ts'
import type { AccessLogPlan } from '../../generation/plan.ts'
import type { Clock } from '../../std/clock.ts'
import { inStatusRanges } from '../../std/status-ranges.ts'
import { localOffsetMinutes } from '../../std/time-text.ts'
import type { Exchange, ExchangeObserver, Handler } from '../http/exchange.ts'
import { type LineFacts, type LineFormat, type RequestFacts, lineFormat, statusOf } from './access-line.ts'
import { HeaderFields } from './header-fields.ts'
import { LineFile, type Warn } from './line-file.ts'

/** What access logs need of the worker. */
export interface AccessLogContext {
  readonly board: Board
  readonly clock: Clock
  /** Minutes east of UTC; local time when absent. */
  readonly offsetMinutes?: (timeMs: number) => number
  readonly warn: Warn
}

/** Files that are watched over after they were replaced, for the flush at the end. */
const retiredMax = 8

/** Keeps the open logs of a worker from one generation to the next. */
export class AccessLogs {
  readonly #context: AccessLogContext
  #plan = ''
  #log: AccessLog | null = null
  #file: LineFile | null = null
  /** Files that are named no more; requests that began before may still bring lines. */
  #retired: LineFile[] = []

  constructor(context: AccessLogContext) {
    this.#context = context
  }

  /** The log that a plan asks for, null when it asks for none. Equal plans share one; a file that is named no more is closed. */
  use(plan: AccessLogPlan | null): AccessLog | null {
    const key = JSON.stringify(plan)
    if (key === this.#plan) return this.#log
    this.#plan = key
    if (this.#file !== null && this.#file.path !== plan?.filePath) {
      void this.#file.retire()
      this.#retired = [...this.#retired, this.#file].slice(-retiredMax)
      this.#file = null
    }
    if (plan === null) {
      this.#log = null
      return null
    }
    this.#file ??= new LineFile(plan.filePath, this.#context.clock, this.#context.warn)
    this.#log = new AccessLog(plan, this.#file, this.#context)
    return this.#log
  }

  /** Opens the file anew, after it was moved. */
  reopen(): void {
    this.#file?.reopen()
  }

  /** Resolves when all lines so far are written. */
  async flush(): Promise<void> {
    await this.#file?.flush()
    for (const file of this.#retired) await file.retire()
  }

  /** Writes what is queued and closes the file; for the end of a worker. */
  async close(): Promise<void> {
    this.use(null)
    await this.flush()
  }
}

/** One access log; immutable but for its file. */
export class AccessLog {
  readonly #plan: AccessLogPlan
  readonly #file: LineFile
  readonly #clock: Clock
  readonly #cells: Int32Array
  readonly #offsetMinutes: (timeMs: number) => number
  readonly #headers: HeaderFields
  readonly #format: LineFormat
  readonly #dropsQuery: boolean
  readonly #json: boolean
  #facts: LineFacts | null = null
  #minute = -1
  #offset = 0

  constructor(plan: AccessLogPlan, file: LineFile, context: AccessLogContext) {
    this.#plan = plan
    this.#file = file
    this.#clock = context.clock
    this.#cells = context.board.cells
    this.#offsetMinutes = context.offsetMinutes ?? localOffsetMinutes
    this.#headers = new HeaderFields(plan)
    this.#format = lineFormat(plan, this.#headers)
    this.#dropsQuery = plan.queryParametersDefaultMode === 'drop' || plan.queryParametersDefaultMode === 'redact'
    this.#json = plan.format === 'json'
  }

  /**
   * Puts the log between the pipeline of an entry point and its routes. `logsUnrouted` tells whether requests that no router takes leave a line:
   * `observability.accessLogs` of the entry point; routed ones follow `Exchange.accessLogged`.
   */
  observe(logsUnrouted: boolean, next: Handler): Handler {
    return (exchange) => {
      exchange.addObserver(new Observed(this, exchange, logsUnrouted))
      return next(exchange)
    }
  }

  /** Notes what a line will show of a request. */
  note(exchange: Exchange): RequestFacts {
    const headers = this.#headers
    if (this.#json && !headers.none) exchange.wantsOriginHeaders = true
    return {
      method: exchange.method,
      path: exchange.path,
      query: exchange.hasQuery && !this.#dropsQuery ? `?${exchange.rawQuery}` : '',
      host: exchange.hostRaw,
      forwardedFor: exchange.headers.get('x-forwarded-for') ?? '',
      headersJson: this.#json ? headers.json(exchange.headers, 'request_') : '',
      referer: this.#json ? null : headers.value(exchange.headers, 'referer'),
      userAgent: this.#json ? null : headers.value(exchange.headers, 'user-agent'),
    }
  }

  /** Writes the line of a finished exchange, unless filters leave it out. */
  finish(exchange: Exchange, request: RequestFacts): void {
    const clock = this.#clock
    const requestCount = (Atomics.add(this.#cells, fixedCells.requestCount, 1) + 1) & 0x7fffffff
    const durationMs = clock.monotonicMs() - exchange.startedMs
    if (this.#plan.hasFilters && !this.#passes(exchange, durationMs)) return
    const endMs = clock.now()
    const facts = (this.#facts ??= { exchange, request, startMs: 0, endMs: 0, offsetMinutes: 0, durationMs: 0, requestCount: 0 })
    facts.exchange = exchange
    facts.request = request
    facts.startMs = endMs - durationMs
    facts.endMs = endMs
    facts.offsetMinutes = this.#offsetAt(endMs)
    facts.durationMs = durationMs
    facts.requestCount = requestCount
    this.#file.write(this.#format(facts))
  }

  /** The offset of local time, asked for once a minute: it changes on full minutes only. */
  #offsetAt(timeMs: number): number {
    const minute = Math.floor(timeMs / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#offset = this.#offsetMinutes(timeMs)
    }
    return this.#offset
  }

  /** One filter that takes the exchange is enough. */
  #passes(exchange: Exchange, durationMs: number): boolean {
    const plan = this.#plan
    if (plan.retryAttempts && exchange.retryAttempts > 0) return true
    if (plan.minDurationMs > 0 && durationMs > plan.minDurationMs) return true
    const status = statusOf(exchange)
    if (inStatusRanges(plan.statusCodes, status)) return true
    return false
  }
}

class Observed implements ExchangeObserver {
  readonly #log: AccessLog
  readonly #request: RequestFacts
  readonly #logsUnrouted: boolean

  constructor(log: AccessLog, exchange: Exchange, logsUnrouted: boolean) {
    this.#log = log
    this.#request = log.note(exchange)
    this.#logsUnrouted = logsUnrouted
  }

  onFinish(exchange: Exchange): void {
    const logged = exchange.routerName === '' ? this.#logsUnrouted : exchange.accessLogged
    if (logged) this.#log.finish(exchange, this.#request)
  }
}
