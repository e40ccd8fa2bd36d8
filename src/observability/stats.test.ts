import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { Board, createBoard, fixedCells } from '../board/board.ts'
import { entryPoint } from '../config/install/entry-points.ts'
import { decodeTree } from '../config/schema/decode.ts'
import { type EntryPointPlan, requestCounters } from '../generation/plan.ts'
import { StatsRing } from './stats.ts'

const place = 10
const web: EntryPointPlan = {
  name: 'web',
  host: '',
  port: 80,
  protocol: 'tcp',
  reusePort: false,
  descriptors: [],
  config: decodeTree(entryPoint, { address: ':80' }, { source: 'file' }).value,
  counters: place,
  connections: 3,
}

function rig() {
  const size = { rows: 2, counters: 64, gauges: 8, cells: fixedCells.count }
  const board = createBoard(size)
  const worker = new Board(board.buffer, size, 1)
  const clock = new ManualClock()
  let buckets = Float64Array.of(0, 0, 0)
  const plans = { entryPoint: new Map([['web', web]]), router: new Map(), service: new Map() }
  const ring = new StatsRing({
    board,
    clock,
    plans: () => plans,
    durations: () => ({ bounds: [0.1, 0.3], buckets: new Map([['entryPoint web', buckets.slice()]]) }),
  })
  const serve = (requests: number, failed: number): void => {
    worker.counters[place + requestCounters.requests]! += requests
    worker.counters[place + requestCounters.status5xx]! += failed
    worker.counters[place + requestCounters.durationMs]! += requests * 20
    buckets = Float64Array.of((buckets[0] ?? 0) + requests, 0, 0)
  }
  return { ring, clock, worker, serve }
}

it('tells rates, errors, durations and open connections between two looks', () => {
  const { ring, clock, worker, serve } = rig()
  assert.deepEqual(ring.read().entryPoints['web'], { points: [], open: 0 })
  serve(100, 5)
  worker.gauges[3] = 7
  clock.advance(5000)
  const { points = [], open } = ring.read().entryPoints['web'] ?? {}
  assert.equal(open, 7)
  const [point] = points
  assert.ok(point !== undefined)
  assert.deepEqual([point.requestsPerSecond, point.errorShare, point.meanMs, point.p50Ms, point.p99Ms], [20, 0.05, 20, 50, 99])
  clock.advance(5000)
  const idle = ring.read().entryPoints['web']?.points[1]
  assert.deepEqual([idle?.requestsPerSecond, idle?.errorShare, idle?.p99Ms], [0, 0, null])
  ring.close()
})

it('keeps five minutes, and looks only while somebody asks', () => {
  const { ring, clock } = rig()
  ring.read()
  for (let minute = 0; minute < 7; minute += 1) {
    clock.advance(60_000)
    ring.read()
  }
  assert.equal(ring.read().entryPoints['web']?.points.length, 59)
  clock.advance(11 * 60_000)
  assert.equal(clock.pending, 0)
})
