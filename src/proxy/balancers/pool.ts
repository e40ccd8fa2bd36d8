/**
 * The servers of a load balancer, whatever their protocol: which may be used now, how busy they are, who is left out after failures and comes back,
 * and who starts slowly. What is known of a server is on the board, so that all workers see the same.
 */
import { type Board, fixedCells, serverState } from '../../board/board.ts'
import { clearState, historyCells, isDown, latencyLength, meanLatencyMs, noteLatency, setState, stateOf } from '../../board/server-cells.ts'
import type { BalancingPlan, PassivePlan, ServerPlaces } from '../../generation/balancing-plan.ts'
import { elapsedMs } from '../../std/process-clock.ts'
import type { Timer, TimerOwner, TimerWheel } from '../../std/timer-wheel.ts'
import type { Candidate } from './strategy.ts'

/** Steps in which a server that starts slowly comes to its full share; the first is what it begins with. */
const rampSteps = 10

/** What a pool is built with. */
export interface PoolContext {
  readonly board: Board
  readonly wheel: TimerWheel
  /** See `processMs`. */
  readonly processMs: () => number
  /** Something that the administrator should know of a server. */
  readonly tell: (message: string, member: Member) => void
}

/** What makes a member. */
export interface MemberPlan extends ServerPlaces {
  readonly name: string
  readonly weight: number
  /** Terminating: no new clients, sticky ones go on. */
  readonly fenced: boolean
  /** Gauge of what is in flight; 0: not counted. */
  readonly inFlight: number
}

/** A server with its live numbers. */
export class Member implements Candidate {
  readonly name: string
  /** The configured weight; with slow start that times the step of its start. */
  weight: number
  ramp = 1
  readonly configuredWeight: number
  readonly fenced: boolean
  readonly stateCell: number
  readonly historyCell: number
  readonly #board: Board
  readonly #gauges: Int32Array
  readonly #inFlight: number
  readonly #latencyCells: Int32Array
  readonly #latencyCell: number

  constructor(plan: MemberPlan, board: Board) {
    this.name = plan.name
    this.weight = plan.weight
    this.configuredWeight = plan.weight
    this.fenced = plan.fenced
    this.stateCell = plan.stateCell
    this.historyCell = plan.historyCell
    this.#board = board
    this.#gauges = board.gauges
    this.#inFlight = plan.inFlight
    this.#latencyCells = plan.latencyCell === 0 ? new Int32Array(latencyLength) : board.cells
    this.#latencyCell = plan.latencyCell
  }

  /** Mean time to the head of an answer, over all workers; without places on the board each knows its own. */
  get latencyMs(): number {
    return meanLatencyMs(this.#latencyCells, this.#latencyCell)
  }

  noteLatency(ms: number): void {
    noteLatency(this.#latencyCells, this.#latencyCell, ms)
  }

  load(): number {
    return this.#board.sumGauge(this.#inFlight)
  }

  /** Counts something that is on its way to the server; `leave` takes it back. */
  enter(): void {
    const place = this.#inFlight
    this.#gauges[place] = (this.#gauges[place] ?? 0) + 1
  }

  leave(): void {
    const place = this.#inFlight
    this.#gauges[place] = (this.#gauges[place] ?? 0) - 1
  }
}

/** The members that may be used, looked at anew only when some server's state changed or a moment came at which one will. */
export class Pool<M extends Member> implements TimerOwner {
  readonly members: readonly M[]
  readonly #context: PoolContext
  readonly #cells: Int32Array
  readonly #plan: BalancingPlan
  readonly #ignoresWeight: boolean
  readonly #timer: Timer
  #usable: readonly M[] = []
  #epoch = 0
  #isPanicking = false

  constructor(members: readonly M[], plan: BalancingPlan, ignoresWeight: boolean, context: PoolContext) {
    this.members = members
    this.#context = context
    this.#cells = context.board.cells
    this.#plan = plan
    this.#ignoresWeight = ignoresWeight
    this.#timer = context.wheel.timer(this)
    this.#epoch = Atomics.load(this.#cells, fixedCells.serverEpoch)
    this.#refresh()
  }

  /** Members for clients that have none yet; another array whenever its content or a weight may differ. */
  usable(): readonly M[] {
    const epoch = Atomics.load(this.#cells, fixedCells.serverEpoch)
    if (epoch !== this.#epoch) {
      // Taken before the states are read, so that a change in between is seen the next time.
      this.#epoch = epoch
      this.#refresh()
    }
    return this.#usable
  }

  /** Whether a client that has this member may keep it. */
  isKept(member: M): boolean {
    return this.#hasWeight(member) && (this.#isPanicking || !isDown(this.#cells, member.stateCell))
  }

  /** The member did what was asked of it. */
  succeeded(member: M): void {
    if (this.#plan.passive === null || member.historyCell === 0) return
    const place = member.historyCell + historyCells.failures
    if (Atomics.load(this.#cells, place) !== 0) Atomics.store(this.#cells, place, 0)
  }

  /** The member failed; with too many failures in a row it is left out for a while. */
  failed(member: M): void {
    const { passive } = this.#plan
    const history = member.historyCell
    if (passive === null || history === 0) return
    const cells = this.#cells
    const { attempts } = passive
    const nowMs = this.#context.processMs()
    const count = Atomics.add(cells, history + historyCells.failures, 1) + 1
    Atomics.store(cells, history + historyCells.recent + ((count - 1) % attempts), nowMs)
    if (count < attempts) return
    // The place that is written next holds the oldest of the last failures.
    const oldest = Atomics.load(cells, history + historyCells.recent + (count % attempts))
    if (elapsedMs(oldest, nowMs) <= passive.windowMs) this.#eject(member, passive, nowMs)
  }

  onTimer(): void {
    // Looked at now, not with the next request: other workers wait for who comes back.
    this.#refresh()
  }

  #eject(member: M, passive: PassivePlan, nowMs: number): void {
    const cells = this.#cells
    const { stateCell, historyCell } = member
    if ((stateOf(cells, stateCell) & serverState.ejected) !== 0) return
    const out = this.members.filter((other) => (stateOf(cells, other.stateCell) & serverState.ejected) !== 0).length
    if (out + 1 > (this.members.length * passive.ejectedPercentMax) / 100) return
    const ms = this.#ejectionMs(member, passive, nowMs)
    // The moment of return is written first: whoever sees the ejection must see its end.
    Atomics.store(cells, historyCell + historyCells.ejectedUntil, passive.isChecked ? 0 : (nowMs + ms) | 1)
    if (!setState(cells, stateCell, serverState.ejected)) return
    this.#context.tell(
      passive.isChecked
        ? 'server left out after failures, until a health check passes'
        : `server left out after failures, for ${ms / 1000}s`,
      member,
    )
    this.#refresh()
  }

  /** How long a member is out this time: twice as long as the last time unless it has been well for long. */
  #ejectionMs(member: M, { windowMs, ejectionMsMax }: PassivePlan, nowMs: number): number {
    if (ejectionMsMax <= windowMs) return windowMs
    const cells = this.#cells
    const place = member.historyCell + historyCells.ejections
    const last = Atomics.load(cells, member.historyCell + historyCells.ejectedUntil)
    if (last !== 0 && elapsedMs(last, nowMs) > ejectionMsMax) Atomics.store(cells, place, 0)
    const before = Atomics.add(cells, place, 1)
    return Math.min(windowMs * 2 ** Math.min(before, 31), ejectionMsMax)
  }

  #refresh(): void {
    const nowMs = this.#context.processMs()
    let dueMs = Number.POSITIVE_INFINITY
    let changed = false
    for (const member of this.members) {
      dueMs = Math.min(dueMs, this.#return(member, nowMs), this.#rampUpMs(member, nowMs))
      changed = this.#setRamp(member, nowMs) || changed
    }
    const before = this.#usable
    const usable = this.#choose()
    if (changed || usable.length !== before.length || usable.some((member, index) => member !== before[index])) this.#usable = usable
    if (dueMs !== Number.POSITIVE_INFINITY) this.#timer.set(dueMs)
  }

  #choose(): readonly M[] {
    const cells = this.#cells
    const taking = this.members.filter(
      (member) => this.#hasWeight(member) && !member.fenced && (stateOf(cells, member.stateCell) & serverState.draining) === 0,
    )
    const up = taking.filter((member) => !isDown(cells, member.stateCell))
    this.#isPanicking = up.length < taking.length && up.length * 100 < taking.length * this.#plan.panicPercent
    return this.#isPanicking ? taking : up
  }

  /** Lets a member come back whose time out is over; gives the milliseconds until it is. */
  #return(member: M, nowMs: number): number {
    const cells = this.#cells
    const { stateCell, historyCell } = member
    if ((stateOf(cells, stateCell) & serverState.ejected) === 0) return Number.POSITIVE_INFINITY
    const { passive } = this.#plan
    const until = historyCell === 0 ? 0 : Atomics.load(cells, historyCell + historyCells.ejectedUntil)
    // Left by a generation that had passive checks or whose active ones would have ended it.
    const isOrphan = passive === null || (until === 0 && !passive.isChecked)
    if (!isOrphan && until === 0) return Number.POSITIVE_INFINITY
    const leftMs = isOrphan ? 0 : elapsedMs(nowMs, until)
    if (leftMs > 0) return leftMs
    if (clearState(cells, { cell: stateCell, history: historyCell }, serverState.ejected, nowMs))
      this.#context.tell('server used again', member)
    return Number.POSITIVE_INFINITY
  }

  /** Milliseconds since a member came up; a full slow start when it always was. */
  #upMs(member: M, nowMs: number): number {
    const since = member.historyCell === 0 ? 0 : Atomics.load(this.#cells, member.historyCell + historyCells.upSince)
    return since === 0 ? this.#plan.slowStartMs : Math.max(0, elapsedMs(since, nowMs))
  }

  /** Milliseconds until a member that starts slowly gets more. */
  #rampUpMs(member: M, nowMs: number): number {
    const { slowStartMs } = this.#plan
    const upMs = this.#upMs(member, nowMs)
    return upMs >= slowStartMs ? Number.POSITIVE_INFINITY : Math.max(1, slowStartMs / rampSteps - (upMs % (slowStartMs / rampSteps)))
  }

  /** Gives a member its weight of this moment; tells whether that changed. */
  #setRamp(member: M, nowMs: number): boolean {
    const { slowStartMs } = this.#plan
    if (slowStartMs <= 0) return false
    const step = Math.min(rampSteps, 1 + Math.floor((this.#upMs(member, nowMs) * rampSteps) / slowStartMs))
    const weight = member.configuredWeight * step
    if (weight === member.weight && member.ramp === step / rampSteps) return false
    member.weight = weight
    member.ramp = step / rampSteps
    return true
  }

  #hasWeight(member: M): boolean {
    return member.configuredWeight > 0 || (this.#ignoresWeight && member.configuredWeight === 0)
  }
}
