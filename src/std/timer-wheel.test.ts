import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Clock } from './clock.ts'
import { tickMs, TimerWheel, type Timer } from './timer-wheel.ts'

/** A clock whose time is turned by hand. */
class HandClock implements Clock {
  ms = 1000.5
  waiting: { at: number; call: () => void }[] = []

  now(): number {
    return this.ms
  }

  monotonicMs(): number {
    return this.ms
  }

  after(ms: number, call: () => void): () => void {
    const entry = { at: this.ms + ms, call }
    this.waiting.push(entry)
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry)
    }
  }

  /** Goes on in one step, as after a stall. */
  jump(ms: number): void {
    this.ms += ms
    const due = this.waiting.filter((entry) => entry.at <= this.ms)
    this.waiting = this.waiting.filter((entry) => entry.at > this.ms)
    for (const entry of due) entry.call()
  }

  run(ms: number): void {
    for (let left = ms; left > 0; left -= 5) this.jump(5)
  }
}

describe('TimerWheel', () => {
  for (const delay of [0, 1, 19, 20, 21, 999, 10_219, 10_240, 10_241, 60_000]) {
    it(`fires ${delay} ms once, not early, and at most two ticks late`, () => {
      const clock = new HandClock()
      const wheel = new TimerWheel(clock)
      const start = clock.ms
      const fired: number[] = []
      wheel.after(delay, () => fired.push(clock.ms - start))
      clock.run(delay + 4 * tickMs)
      assert.equal(fired.length, 1)
      assert.ok(fired[0]! >= delay && fired[0]! <= delay + 2 * tickMs + 5, `${fired[0]}`)
      assert.equal(wheel.size, 0)
      clock.run(30_000)
      assert.equal(fired.length, 1)
    })
  }

  it('lets a deadline move, later and earlier, and be taken back', () => {
    const clock = new HandClock()
    const wheel = new TimerWheel(clock)
    const fired: number[] = []
    const start = clock.ms
    const timer = wheel.timer({ onTimer: () => fired.push(clock.ms - start) })
    timer.set(100)
    clock.run(80)
    timer.set(500)
    clock.run(400)
    assert.deepEqual(fired, [])
    timer.set(50)
    clock.run(200)
    assert.equal(fired.length, 1)
    timer.set(50)
    timer.clear()
    assert.equal(timer.isSet, false)
    clock.run(200)
    assert.equal(fired.length, 1)
  })

  it('orders one system timer, however many deadlines there are, and none at rest', () => {
    const clock = new HandClock()
    const wheel = new TimerWheel(clock)
    const timers = Array.from({ length: 1000 }, (_, index) => {
      const timer = wheel.timer({ onTimer() {} })
      timer.set(index)
      return timer
    })
    assert.equal(clock.waiting.length, 1)
    for (const timer of timers) timer.close()
    assert.equal(wheel.size, 0)
    clock.run(2 * tickMs)
    assert.equal(clock.waiting.length, 0)
  })

  it('is right after a rest and after a long stall', () => {
    const clock = new HandClock()
    const wheel = new TimerWheel(clock)
    clock.jump(3_600_000)
    let fired = 0
    wheel.after(100, () => (fired += 1))
    clock.run(80)
    assert.equal(fired, 0)
    wheel.after(20_000, () => (fired += 10))
    clock.jump(40_000)
    assert.equal(fired, 11)
  })

  it('lets owners set and close timers while it looks', () => {
    const clock = new HandClock()
    const wheel = new TimerWheel(clock)
    let rounds = 0
    let other: Timer | null = null
    const timer = wheel.timer({
      onTimer(self) {
        rounds += 1
        other?.close()
        if (rounds < 5) self.set(0)
      },
    })
    other = wheel.timer({ onTimer: () => assert.fail('closed by the other') })
    other.set(10)
    timer.set(10)
    clock.jump(11_000)
    clock.run(200)
    assert.equal(rounds, 5)
    assert.equal(wheel.size, 0)
  })

  it('goes on after an owner that throws', () => {
    const clock = new HandClock()
    const wheel = new TimerWheel(clock)
    let fired = 0
    wheel.after(10, () => {
      throw new Error('mine')
    })
    wheel.after(100, () => (fired += 1))
    assert.throws(() => clock.run(40), /mine/)
    clock.run(200)
    assert.equal(fired, 1)
  })

  it('fires every deadline once and none early, whatever the order of things', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), index: fc.nat(7), ms: fc.nat(15_000) }),
      fc.record({ kind: fc.constant('coarse' as const), index: fc.nat(7), ms: fc.nat(300) }),
      fc.record({ kind: fc.constant('clear' as const), index: fc.nat(7), ms: fc.constant(0) }),
      fc.record({ kind: fc.constant('jump' as const), index: fc.constant(0), ms: fc.nat(12_000) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const clock = new HandClock()
        const wheel = new TimerWheel(clock)
        const wanted = new Map<Timer, number>()
        const fired: [number, number][] = []
        const timers = Array.from({ length: 8 }, () =>
          wheel.timer({ onTimer: (timer) => fired.push([wanted.get(timer) ?? Infinity, clock.ms]) }),
        )
        let sets = 0
        for (const { kind, index, ms } of steps) {
          const timer = timers[index]!
          if (kind === 'jump') clock.jump(ms)
          else if (kind === 'clear') {
            if (timer.isSet) sets -= 1
            timer.clear()
          } else {
            if (!timer.isSet) sets += 1
            if (kind === 'set') timer.set(ms)
            else timer.setCoarse(ms)
            wanted.set(timer, timer.deadlineMs)
          }
        }
        clock.run(30_000)
        assert.equal(fired.length, sets)
        for (const [deadline, when] of fired) assert.ok(when >= deadline)
        assert.equal(wheel.size, 0)
      }),
      { numRuns: 60 },
    )
  })
})
