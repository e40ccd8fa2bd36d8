import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Board, createBoard, fixedCells } from './board.ts'
import { ClientCounts, clientEntries } from './client-counts.ts'

const size = { rows: 4, counters: 8, gauges: clientEntries + 8, cells: fixedCells.count + clientEntries + 8 }

function boards(): Board[] {
  const first = createBoard(size)
  return [first, ...[1, 2, 3].map((row) => new Board(first.buffer, size, row))]
}

function countsOf(all: readonly Board[]): ClientCounts[] {
  return all.map((board) => new ClientCounts(board, fixedCells.count, 1))
}

describe('ClientCounts', () => {
  it('counts over all workers', () => {
    const [one, two] = countsOf(boards())
    assert.ok(one !== undefined && two !== undefined)
    const leave = one.enter('192.0.2.1', 2)
    assert.ok(leave !== null)
    assert.ok(two.enter('192.0.2.1', 2) !== null)
    assert.equal(one.enter('192.0.2.1', 2), null)
    assert.equal(two.enter('192.0.2.1', 2), null)
    assert.ok(one.enter('192.0.2.2', 2) !== null)
    leave()
    assert.ok(two.enter('192.0.2.1', 2) !== null)
    assert.equal(two.enter('192.0.2.3', 0), null)
  })

  it('forgets what a worker had that died', () => {
    const all = boards()
    const [one, two] = countsOf(all)
    assert.ok(one !== undefined && two !== undefined)
    assert.ok(two.enter('a', 1) !== null)
    assert.equal(one.enter('a', 1), null)
    all[0]?.clearGauges(1)
    assert.ok(one.enter('a', 1) !== null)
  })

  it('gives free entries to other clients, however many come and go', () => {
    const [one] = countsOf(boards())
    assert.ok(one !== undefined)
    for (let client = 0; client < clientEntries * 3; client += 1) {
      const leave: (() => void) | null = one.enter(`10.0.${client >> 8}.${client & 255}`, 1)
      assert.ok(leave !== null)
      leave()
    }
  })

  it('counts by itself where the board is full', () => {
    const [board] = boards()
    assert.ok(board !== undefined)
    const counts = new ClientCounts(board, 0, 0)
    const leave = counts.enter('a', 1)
    assert.ok(leave !== null)
    assert.equal(counts.enter('a', 1), null)
    leave()
    assert.ok(counts.enter('a', 1) !== null)
  })

  it('agrees with a plain count, whoever comes and goes where', () => {
    const step = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 3 }), fc.boolean())
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const workers = countsOf(boards())
        const held = new Map<string, (() => void)[]>()
        for (const [client, worker, comes] of steps) {
          const own = held.get(client) ?? []
          held.set(client, own)
          if (!comes) {
            own.pop()?.()
            continue
          }
          const leave = workers[worker]?.enter(client, 3) ?? null
          assert.equal(leave !== null, own.length < 3)
          if (leave !== null) own.push(leave)
        }
      }),
    )
  })
})
