/**
 * Active health checks. They run in the control plane alone, whatever the number of workers; what they find goes to the board, where every
 * balancer sees it with its next request. A new generation starts and stops only what differs, so that reloads neither forget a server that is
 * down nor put off its next check.
 */
import { type Board, serverState } from '../board/board.ts'
import { clearState, setState } from '../board/server-cells.ts'
import type { CancelTimer, Clock } from '../std/clock.ts'
import type { Logger } from '../std/log.ts'
import { sameData } from '../std/same-data.ts'
import type { HealthTarget } from './targets.ts'
import { checkTcp } from './tcp-check.ts'

/** What checks lean on. */
export interface HealthContext {
  readonly board: Board
  readonly clock: Clock
  readonly logger: Logger
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY for http checks; none when absent. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
  /** See `processMs`. */
  readonly processMs: () => number
}

/** Checks that run at the same time; others wait for their turn. */
export const runningChecksMax = 256

/** Runs the checks of the generation in force. */
export interface HealthChecker {
  /** Takes over the targets of a new generation. */
  update(targets: readonly HealthTarget[]): void
  /** Resolves when no check is running or waiting for its turn; for tests. */
  settled(): Promise<void>
  /** Stops all checks. */
  close(): void
}

/** Makes a health checker; it does nothing until it gets targets. */
export function createHealthChecker(context: HealthContext): HealthChecker {
  return new Checker(context)
}

class Checker implements HealthChecker {
  readonly #context: HealthContext
  readonly #probes = new Map<string, Probe>()
  readonly #queue: Probe[] = []
  #running = 0
  #onSettled: (() => void)[] = []

  constructor(context: HealthContext) {
    this.#context = context
  }

  update(targets: readonly HealthTarget[]): void {
    const wanted = new Map(targets.map((target) => [target.key, target]))
    for (const [key, probe] of this.#probes) {
      if (sameData(wanted.get(key), probe.target)) continue
      // Its cell may belong to somebody else already, so this comes before anything new is started.
      probe.stop()
      this.#probes.delete(key)
    }
    const remarked = new Set<string>()
    for (const [key, target] of wanted) {
      if (this.#probes.has(key)) continue
      if (!remarked.has(target.service)) this.#remark(target)
      remarked.add(target.service)
      const probe = new Probe(target, this.#context, (due) => this.#run(due))
      this.#probes.set(key, probe)
      probe.start()
    }
  }

  settled(): Promise<void> {
    if (this.#running === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onSettled.push(resolve))
  }

  close(): void {
    for (const probe of this.#probes.values()) probe.stop()
    this.#probes.clear()
  }

  #remark(target: HealthTarget): void {
    for (const remark of target.remarks) this.#context.logger.error(remark, { serviceName: target.service })
  }

  #run(probe: Probe): void {
    if (this.#running >= runningChecksMax) {
      this.#queue.push(probe)
      return
    }
    this.#running += 1
    void probe.check().finally(() => {
      this.#running -= 1
      const next = this.#queue.shift()
      if (next !== undefined) this.#run(next)
      if (this.#running > 0) return
      const settled = this.#onSettled
      this.#onSettled = []
      for (const resolve of settled) resolve()
    })
  }
}

/** The repeated check of one server. */
class Probe {
  readonly target: HealthTarget
  readonly #context: HealthContext
  readonly #due: (probe: Probe) => void
  #cancel: CancelTimer | null = null
  #abort: AbortController | null = null
  #stopped = false
  #dueMs = 0
  /** Passes or failures in a row, whichever came last. */
  #inRow = 0
  #lastPassed = true

  constructor(target: HealthTarget, context: HealthContext, due: (probe: Probe) => void) {
    this.target = target
    this.#context = context
    this.#due = due
  }

  start(): void {
    this.#wait(this.#jittered(this.target.check.intervalMs))
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
    this.#abort?.abort()
    // Nobody will find out any more that it is well.
    this.#setUp()
  }

  async check(): Promise<void> {
    if (this.#stopped) return
    const { clock } = this.#context
    const { check } = this.target
    const abort = new AbortController()
    this.#abort = abort
    const cancel = clock.after(check.timeoutMs, () => abort.abort(new Error(`no answer within ${check.timeoutMs / 1000}s`)))
    let problem: string | null = null
    try {
      await this.#checkOnce(abort.signal)
    } catch (cause) {
      problem = abort.signal.aborted ? textOf(abort.signal.reason) : textOf(cause)
    }
    cancel()
    this.#abort = null
    if (this.#stopped) return
    this.#report(problem)
    const everyMs = problem === null ? check.intervalMs : check.unhealthyIntervalMs
    this.#wait(Math.max(0, this.#dueMs + this.#jittered(everyMs) - clock.monotonicMs()))
  }

  #jittered(ms: number): number {
    const { jitterPercent } = this.target
    return jitterPercent === 0 ? ms : ms * (1 + ((this.#context.random() - 0.5) * jitterPercent) / 100)
  }

  // Node's HTTP clients cost some 25 MiB of resident memory: they are loaded with the first check that needs them.
  async #checkOnce(signal: AbortSignal): Promise<void> {
    const { target } = this
    if (target.protocol === 'tcp') return checkTcp(target, signal)
    const { check, url, transport } = target
    if (check.mode === 'grpc') {
      const { checkGrpc } = await import('./grpc-check.ts')
      return checkGrpc({ url, check, transport, signal })
    }
    const { checkHttp } = await import('./http-check.ts')
    return checkHttp({ url, check, transport, signal, proxyEnv: this.#context.proxyEnv })
  }

  #wait(ms: number): void {
    const { clock } = this.#context
    this.#cancel = clock.after(ms, () => {
      this.#dueMs = clock.monotonicMs()
      this.#due(this)
    })
  }

  #report(problem: string | null): void {
    const { logger } = this.#context
    const { rise, fall, service, url } = this.target
    const passed = problem === null
    this.#inRow = passed === this.#lastPassed ? this.#inRow + 1 : 1
    this.#lastPassed = passed
    const fields = { serviceName: service, serverUrl: withoutUser(url) }
    if (passed) {
      if (this.#inRow >= rise && this.#setUp()) logger.warn('health check passed, the server is used again', fields)
      return
    }
    const changed = this.#inRow >= fall && setState(this.#context.board.cells, this.target.stateCell, serverState.down)
    if (changed) logger.warn('health check failed, the server is not used', { ...fields, error: problem })
    else logger.debug('health check failed', { ...fields, error: problem })
  }

  /** The server may be used as far as checks tell, also if it was left out after failing answers; tells whether that changed anything. */
  #setUp(): boolean {
    const { board, processMs } = this.#context
    const { stateCell, historyCell } = this.target
    return clearState(board.cells, { cell: stateCell, history: historyCell }, serverState.down | serverState.ejected, processMs())
  }
}

/** A server URL as it may be shown: what stands before the host can be a password. */
function withoutUser(url: string): string {
  return url.replace(/^([^/?#]*\/\/)[^/?#]*@/, '$1')
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
