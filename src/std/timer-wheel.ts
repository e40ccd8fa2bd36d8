/**
 * One coarse timer for very many deadlines. A deadline is set by storing a number; the wheel looks at it when its hand comes by. So a deadline
 * that is moved with every request costs nothing but that store, and there is one timer of the system's per wheel.
 */
import type { CancelTimer, Clock } from './clock.ts'

/** Told when a deadline has passed. */
export interface TimerOwner {
  onTimer(timer: Timer): void
}

/** Time between two looks, in milliseconds: no timer fires early, and none is later than this by much. */
export const tickMs = 20
/** Slots of the wheel; a power of two. What is due after more than a turn waits for the next one. */
const slotCount = 512
const slotMask = slotCount - 1

/** A deadline that can be set again and again. Dispose of it with `close`. */
export class Timer {
  /** Monotonic milliseconds; Infinity when it is not set. */
  deadlineMs = Number.POSITIVE_INFINITY
  /** For the wheel alone: neighbours in the slot; null when in none. */
  before: Timer | null = null
  after: Timer | null = null
  tick = -1
  readonly owner: TimerOwner | null
  readonly #wheel: TimerWheel

  constructor(wheel: TimerWheel, owner: TimerOwner | null) {
    this.#wheel = wheel
    this.owner = owner
  }

  /** True while a deadline is set. */
  get isSet(): boolean {
    return this.deadlineMs !== Number.POSITIVE_INFINITY
  }

  /** Sets the deadline, replacing the one before. */
  set(delayMs: number): void {
    this.setAt(this.#wheel.clock.monotonicMs() + delayMs)
  }

  /** Sets the deadline from the time of the wheel's last look, without asking the clock: it may be late by a tick. */
  setCoarse(delayMs: number): void {
    this.setAt(this.#wheel.coarseMs + delayMs + tickMs)
  }

  /** Sets the deadline as monotonic milliseconds. */
  setAt(deadlineMs: number): void {
    this.deadlineMs = deadlineMs
    // A deadline that moves away stays in its slot, from which it is moved when the hand comes by.
    if (this.tick < 0 || deadlineMs < this.tick * tickMs) this.#wheel.place(this)
  }

  /** Takes the deadline back. */
  clear(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY
  }

  /** Takes the deadline back and lets the wheel forget this timer; it may be set again. */
  close(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY
    this.#wheel.remove(this)
  }
}

/** The wheel; one a worker. It keeps no process alive. */
export class TimerWheel {
  readonly clock: Clock
  /** First timer of each slot. */
  readonly #slots: (Timer | null)[] = new Array<Timer | null>(slotCount).fill(null)
  #coarseMs: number
  #tick: number
  #count = 0
  /** True while a look is ordered. */
  #isWound = false
  #isLooking = false

  constructor(clock: Clock) {
    this.clock = clock
    this.#coarseMs = clock.monotonicMs()
    this.#tick = Math.floor(this.#coarseMs / tickMs)
  }

  /** Monotonic milliseconds at the wheel's last look: at most a tick old, unless the thread was busy for longer. */
  get coarseMs(): number {
    if (this.#count === 0 && !this.#isLooking) this.#wake()
    return this.#coarseMs
  }

  /** Number of timers in the wheel. */
  get size(): number {
    return this.#count
  }

  /** A timer that can be set again and again, for owners that live long. */
  timer(owner: TimerOwner): Timer {
    return new Timer(this, owner)
  }

  /** Calls once after `delayMs`. */
  after(delayMs: number, call: () => void): CancelTimer {
    const timer = new CallTimer(this, call)
    timer.set(delayMs)
    return () => timer.close()
  }

  /** Puts a timer where its deadline belongs; for `Timer` alone. */
  place(timer: Timer): void {
    this.remove(timer)
    if (this.#count === 0 && !this.#isLooking) this.#wake()
    const due = Math.ceil(timer.deadlineMs / tickMs)
    const tick = Math.min(Math.max(due, this.#tick + 1), this.#tick + slotCount - 1)
    timer.tick = tick
    const slot = tick & slotMask
    const first = this.#slots[slot] ?? null
    timer.after = first
    if (first !== null) first.before = timer
    this.#slots[slot] = timer
    this.#count += 1
    this.#windUp()
  }

  /** Takes a timer out; for `Timer` alone. */
  remove(timer: Timer): void {
    if (timer.tick < 0) return
    if (timer.before === null) this.#slots[timer.tick & slotMask] = timer.after
    else timer.before.after = timer.after
    if (timer.after !== null) timer.after.before = timer.before
    timer.before = null
    timer.after = null
    timer.tick = -1
    this.#count -= 1
  }

  /** Brings the hand to the present; nothing is in the way, since no timer waits. */
  #wake(): void {
    this.#coarseMs = this.clock.monotonicMs()
    this.#tick = Math.floor(this.#coarseMs / tickMs)
  }

  #windUp(): void {
    if (this.#isWound || this.#isLooking || this.#count === 0) return
    this.#isWound = true
    this.clock.after(tickMs, this.#look)
  }

  readonly #look = (): void => {
    this.#isWound = false
    this.#isLooking = true
    try {
      this.#turn()
    } finally {
      // An owner that throws must not stop the deadlines of the others.
      this.#isLooking = false
      this.#windUp()
    }
  }

  #turn(): void {
    this.#coarseMs = this.clock.monotonicMs()
    const now = Math.floor(this.#coarseMs / tickMs)
    // After a long stall every slot is visited once.
    let tick = Math.max(this.#tick + 1, now - slotCount + 1)
    for (; tick <= now; tick += 1) {
      this.#tick = tick
      this.#visit(tick & slotMask)
    }
  }

  #visit(slot: number): void {
    let timer = this.#slots[slot] ?? null
    // What is placed meanwhile goes to later slots, so the list that is walked only shrinks.
    while (timer !== null) {
      this.remove(timer)
      if (timer.deadlineMs <= this.#coarseMs) {
        timer.deadlineMs = Number.POSITIVE_INFINITY
        if (timer instanceof CallTimer) timer.call()
        else timer.owner?.onTimer(timer)
      } else if (timer.deadlineMs !== Number.POSITIVE_INFINITY) {
        this.place(timer)
      }
      timer = this.#slots[slot] ?? null
    }
  }
}

class CallTimer extends Timer {
  readonly call: () => void

  constructor(wheel: TimerWheel, call: () => void) {
    super(wheel, null)
    this.call = call
  }
}
