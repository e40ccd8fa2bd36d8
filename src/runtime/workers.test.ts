import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { createBoard } from '../board/board.ts'
import type { ToWorker, WorkerStart } from '../generation/messages.ts'
import { type PlanSet, planKinds } from './publisher.ts'
import type { Conversation, ConversationEvents } from './worker-slot.ts'
import { Workers } from './workers.ts'

/** A worker that serves what it is given when the test lets it. */
class FakeWorker implements Conversation {
  readonly row: number
  readonly inMain: boolean
  readonly events: ConversationEvents
  readonly grace: (number | null)[] = []
  generation = 0
  ended = false
  reopened = 0

  constructor(start: WorkerStart, inMain: boolean, events: ConversationEvents) {
    this.row = start.row
    this.inMain = inMain
    this.events = events
  }

  post(message: ToWorker): void {
    if (message.type === 'changes') this.generation = message.generation
    if (message.type === 'drain') this.grace.push(message.graceMs)
    if (message.type === 'reopenLogs') this.reopened += 1
  }

  async end(): Promise<void> {
    this.ended = true
  }

  /** Says that it serves what it was given last. */
  serve(...failing: string[]): void {
    if (this.generation === 0) this.events.onMessage({ type: 'ready' })
    const listenFailures = failing.map((entryPoint) => ({ entryPoint, message: 'taken' }))
    this.events.onMessage({ type: 'applied', generation: this.generation, listenFailures })
  }

  leave(): void {
    this.events.onMessage({ type: 'drained' })
  }
}

interface Rig {
  readonly workers: Workers
  readonly all: FakeWorker[]
  readonly lines: string[]
  readonly served: number[]
}

function rig(rows = 6): Rig {
  const all: FakeWorker[] = []
  const lines: string[] = []
  const served: number[] = []
  const workers = new Workers({
    board: createBoard({ rows, counters: 16, gauges: 16, cells: 2100 }),
    clock: new ManualClock(),
    ask: () => Promise.reject(new Error('nobody asks here')),
    log: (level, message, fields) => lines.push(`${level} ${message} ${Object.values(fields).join(' ')}`),
    onServed: (generation) => served.push(generation),
    onDescriptorsLost: () => {},
    start: (inMain) => (start, events) => {
      const worker = new FakeWorker(start, inMain, events)
      all.push(worker)
      return worker
    },
  })
  return { workers, all, lines, served }
}

const plans = Object.fromEntries(planKinds.map((kind) => [kind, new Map()])) as unknown as PlanSet

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Brings the number of workers to `count`, letting all of them serve. */
async function resize({ workers, all }: Rig, count: number): Promise<void> {
  const done = workers.resize(count)
  await settle()
  for (const worker of all) if (worker.grace.length === 0 && !worker.ended) worker.serve()
  await done
}

describe('the number of workers', () => {
  it('follows what is wanted; new ones serve before old ones go', async () => {
    const each = rig()
    const { workers, all } = each
    workers.publish(1, plans, [])
    await resize(each, 2)
    assert.deepEqual(
      all.map((worker) => [worker.row, worker.inMain, worker.generation]),
      [
        [1, false, 1],
        [2, false, 1],
      ],
    )
    const toMain = workers.resize(0)
    await settle()
    assert.deepEqual([all[2]?.row, all[2]?.inMain, all[0]?.grace.length], [3, true, 0])
    all[2]?.serve()
    await toMain
    assert.deepEqual(
      all.map((worker) => worker.grace.length),
      [1, 1, 0],
    )
    assert.ok((all[0]?.grace[0] ?? 0) > 60_000)
  })

  it('holds rows until their workers have left, and fills up then', async () => {
    const each = rig(4)
    const { workers, all } = each
    await resize(each, 3)
    await resize(each, 0)
    // All rows are taken: none can start in the main thread before one has left, and one stays until then.
    assert.deepEqual(
      all.map((worker) => worker.grace.length),
      [0, 1, 1],
    )
    all[1]?.leave()
    await settle()
    await settle()
    assert.deepEqual(
      all.slice(3).map((worker) => [worker.row, worker.inMain]),
      [[2, true]],
    )
    all[3]?.serve()
    await settle()
    assert.equal(all[0]?.grace.length, 1)
    void workers.shutDown()
  })

  it('is never more than there are rows for', async () => {
    const each = rig(4)
    await resize(each, 100)
    assert.equal(each.all.length, 3)
  })

  it('lets the youngest go first', async () => {
    const each = rig()
    await resize(each, 3)
    await resize(each, 1)
    assert.deepEqual(
      each.all.map((worker) => worker.grace.length),
      [0, 1, 1],
    )
    each.workers.reopenLogs()
    assert.deepEqual(
      each.all.map((worker) => worker.reopened),
      [1, 1, 1],
    )
  })
})

describe('what workers serve', () => {
  it('is told once all have a generation, and retired ones get it too', async () => {
    const each = rig()
    const { workers, all, served } = each
    await resize(each, 3)
    await resize(each, 2)
    workers.publish(7, plans, [])
    const settled = workers.settled()
    for (const worker of all) worker.events.onMessage({ type: 'ready' })
    assert.deepEqual(
      all.map((worker) => worker.generation),
      [7, 7, 7],
    )
    all[0]?.serve()
    assert.deepEqual(served, [])
    all[1]?.serve()
    assert.deepEqual(served, [7])
    await settled
  })

  it('is reported once for all workers when it cannot be listened on', async () => {
    const each = rig()
    const { workers, all, lines } = each
    await resize(each, 2)
    workers.publish(1, plans, [])
    for (const worker of all) worker.events.onMessage({ type: 'ready' })
    for (const worker of all) worker.serve('web')
    workers.publish(2, plans, [])
    for (const worker of all) worker.serve('web', 'more')
    assert.deepEqual(lines, ['error cannot listen: taken web', 'error cannot listen: taken more'])
    assert.deepEqual(workers.listenFailures, [
      { entryPoint: 'web', message: 'taken' },
      { entryPoint: 'more', message: 'taken' },
    ])
    for (const worker of all) worker.serve()
    assert.deepEqual(workers.listenFailures, [])
    all[0]?.serve('web')
    assert.equal(lines.length, 3)
  })
})

describe('shutting down', () => {
  it('drains all, also those that were retired before, and starts nothing any more', async () => {
    const each = rig()
    const { workers, all } = each
    await resize(each, 2)
    await resize(each, 1)
    const down = workers.shutDown()
    await settle()
    assert.deepEqual(
      all.map((worker) => worker.grace.at(-1)),
      [null, null],
    )
    await workers.resize(4)
    assert.equal(all.length, 2)
    for (const worker of all) worker.leave()
    await down
    assert.ok(all.every((worker) => worker.ended))
  })
})
