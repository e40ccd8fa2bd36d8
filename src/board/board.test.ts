import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BoardAllocator } from './allocator.ts'
import { Board, createBoard, fixedCells } from './board.ts'

let nowMs = 0
const size = { rows: 3, counters: 16, gauges: 16, cells: fixedCells.count + 16 }

test('rows add up, and a worker writes its own only', () => {
  const board = createBoard(size)
  const one = new Board(board.buffer, size, 1)
  const two = new Board(board.buffer, size, 2)
  one.counters[5] = 2
  two.counters[5] = 3
  one.gauges[4] = 7
  two.gauges[4] = 1
  assert.equal(board.sumCounter(5), 5)
  assert.equal(board.sumGauge(4), 8)
  board.clearGauges(1)
  assert.equal(board.sumGauge(4), 1)
  assert.equal(board.sumCounter(5), 5)
})

test('cells are shared by all rows and overlap nothing', () => {
  const board = createBoard(size)
  const one = new Board(board.buffer, size, 1)
  Atomics.add(one.cells, size.cells - 1, 9)
  one.counters.fill(1)
  one.gauges.fill(1)
  new Board(board.buffer, size, 2).gauges.fill(1)
  assert.equal(Atomics.load(board.cells, size.cells - 1), 9)
  assert.equal(Atomics.load(board.cells, 0), 0)
})

test('a key keeps its place, a released one rests, is cleared and handed out again', () => {
  const board = createBoard(size)
  const places = new BoardAllocator(board, () => nowMs)
  const first = places.place('counter', 'a', 3)
  assert.equal(places.place('counter', 'a', 3), first)
  assert.notEqual(first, 0)
  new Board(board.buffer, size, 1).counters[first + 1] = 5
  const second = places.place('counter', 'b', 3)
  assert.equal(second, first + 3)
  places.keepOnly({ counter: new Set([second]), gauge: new Set(), cell: new Set() })
  assert.notEqual(places.place('counter', 'early', 3), first)
  nowMs += 16 * 60_000
  assert.equal(places.place('counter', 'c', 3), first)
  assert.equal(board.sumCounter(first + 1), 0)
})

test('cells start behind the fixed ones, and a full board counts nowhere', () => {
  const places = new BoardAllocator(createBoard(size), () => nowMs)
  assert.equal(places.place('cell', 'x'), fixedCells.count)
  assert.equal(places.place('counter', 'big', 100), 0)
})
