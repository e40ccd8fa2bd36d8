import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testBalancing } from '../../../test/support/balancing.ts'
import { ManualClock, testBoard } from '../../../test/support/upstream-rig.ts'
import { fixedCells, serverState } from '../../board/board.ts'
import { clearState, setState } from '../../board/server-cells.ts'
import type { BalancingPlan, PassivePlan } from '../../generation/balancing-plan.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import { Member, Pool } from './pool.ts'

const stateCell = fixedCells.count
const historyCell = fixedCells.count + 8
const historyLength = 8

const passive: PassivePlan = { windowMs: 1000, attempts: 2, ejectedPercentMax: 100, ejectionMsMax: 0, isChecked: false }

class Bench {
  readonly board = testBoard()
  readonly clock = new ManualClock()
  readonly told: string[] = []
  readonly #wheel = new TimerWheel(this.clock)

  /** A pool as a worker of its own has it; all see the same board. */
  pool(changes: Partial<BalancingPlan>): Pool<Member> {
    const members = [0, 1, 2].map(
      (index) =>
        new Member(
          {
            name: `s${index}`,
            weight: 1,
            fenced: false,
            stateCell: stateCell + index,
            historyCell: historyCell + index * historyLength,
            latencyCell: 0,
            inFlight: 1 + index,
          },
          this.board,
        ),
    )
    return new Pool(members, testBalancing(changes), false, {
      board: this.board,
      wheel: this.#wheel,
      processMs: () => this.clock.monotonicMs(),
      tell: (message, member) => this.told.push(`${member.name}: ${message}`),
    })
  }
}

function names(pool: Pool<Member>): string {
  return pool
    .usable()
    .map((member) => member.name)
    .join(' ')
}

function first(pool: Pool<Member>): Member {
  const [member] = pool.members
  assert.ok(member !== undefined)
  return member
}

describe('passive checks', () => {
  it('take a server out in every worker after enough failures in a row, and bring it back', () => {
    const bench = new Bench()
    const one = bench.pool({ passive })
    const two = bench.pool({ passive })
    one.failed(first(one))
    one.succeeded(first(one))
    two.failed(first(two))
    assert.equal(names(one), 's0 s1 s2')
    one.failed(first(one))
    assert.equal(names(one), 's1 s2')
    assert.equal(names(two), 's1 s2')
    assert.equal(two.isKept(first(two)), false)
    bench.clock.advance(900)
    assert.equal(names(two), 's1 s2')
    bench.clock.advance(200)
    assert.equal(names(one), 's0 s1 s2')
    assert.equal(names(two), 's0 s1 s2')
    assert.deepEqual(bench.told, ['s0: server left out after failures, for 1s', 's0: server used again'])
  })

  it('forget failures that are older than the window', () => {
    const bench = new Bench()
    const pool = bench.pool({ passive })
    pool.failed(first(pool))
    bench.clock.advance(1500)
    pool.failed(first(pool))
    assert.equal(names(pool), 's0 s1 s2')
  })

  it('take out no more than the share that may be out', () => {
    const bench = new Bench()
    const pool = bench.pool({ passive: { ...passive, attempts: 1, ejectedPercentMax: 34 } })
    for (const member of pool.members) pool.failed(member)
    assert.equal(names(pool), 's1 s2')
  })

  it('double the time out each time in a row, up to the longest', () => {
    const bench = new Bench()
    const pool = bench.pool({ passive: { ...passive, attempts: 1, ejectionMsMax: 3000 } })
    for (const seconds of [1, 2, 3, 3]) {
      pool.failed(first(pool))
      assert.equal(bench.told.at(-1), `s0: server left out after failures, for ${seconds}s`)
      bench.clock.advance(seconds * 1000 + 100)
      assert.equal(names(pool), 's0 s1 s2')
    }
  })

  it('leave the way back to active checks where there are some', () => {
    const bench = new Bench()
    const pool = bench.pool({ passive: { ...passive, attempts: 1, isChecked: true } })
    pool.failed(first(pool))
    bench.clock.advance(100_000)
    assert.equal(names(pool), 's1 s2')
    assert.equal(names(bench.pool({ passive: null })), 's0 s1 s2')
  })
})

describe('the panic threshold', () => {
  it('lets health not count when too few are up', () => {
    const bench = new Bench()
    const pool = bench.pool({ panicPercent: 50 })
    setState(bench.board.cells, stateCell, serverState.down)
    assert.equal(names(pool), 's1 s2')
    setState(bench.board.cells, stateCell + 1, serverState.down)
    assert.equal(names(pool), 's0 s1 s2')
    setState(bench.board.cells, stateCell + 2, serverState.draining)
    assert.equal(names(pool), 's0 s1')
  })
})

describe('slow start', () => {
  it('gives a server that came up its share in steps', () => {
    const bench = new Bench()
    const pool = bench.pool({ slowStartMs: 1000 })
    const server = { cell: stateCell, history: historyCell }
    setState(bench.board.cells, stateCell, serverState.down)
    assert.equal(names(pool), 's1 s2')
    clearState(bench.board.cells, server, serverState.down, bench.clock.monotonicMs())
    const weights = (): number[] => pool.usable().map((member) => member.weight)
    assert.deepEqual(weights(), [1, 10, 10])
    const before = pool.usable()
    bench.clock.advance(520)
    assert.deepEqual(weights(), [6, 10, 10])
    assert.notEqual(pool.usable(), before)
    bench.clock.advance(600)
    assert.deepEqual(weights(), [10, 10, 10])
  })
})
