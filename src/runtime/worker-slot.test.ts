import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { testMiddlewarePlan } from '../../test/support/middleware-context.ts'
import { type Board, createBoard } from '../board/board.ts'
import type { FromWorker, ToWorker, WorkerStart } from '../generation/messages.ts'
import { type PlanSet, planKinds } from './publisher.ts'
import { type Conversation, type ConversationEvents, Slot } from './worker-slot.ts'

function plansWith(...names: string[]): PlanSet {
  const middleware = new Map(names.map((name) => [name, testMiddlewarePlan(name, 'addPrefix', {})]))
  return { ...(Object.fromEntries(planKinds.map((kind) => [kind, new Map()])) as unknown as PlanSet), middleware }
}

/** A worker that does what the test says. */
class FakeWorker implements Conversation {
  readonly start: WorkerStart
  readonly events: ConversationEvents
  readonly received: ToWorker[] = []
  ended = false

  constructor(start: WorkerStart, events: ConversationEvents) {
    this.start = start
    this.events = events
  }

  post(message: ToWorker): void {
    this.received.push(message)
  }

  async end(): Promise<void> {
    this.ended = true
  }

  say(message: FromWorker): void {
    this.events.onMessage(message)
  }

  apply(generation: number, listenFailures: { entryPoint: string; message: string }[] = []): void {
    this.say({ type: 'applied', generation, listenFailures })
  }

  /** Kinds of messages, with the names of changed plans. */
  get heard(): string[] {
    return this.received.map((message) =>
      message.type === 'changes'
        ? `${message.generation}: ${message.changes.map(({ key, plan }) => (plan === null ? `-${key}` : key)).join(' ')}${message.last ? '' : ' …'}`
        : message.type,
    )
  }
}

interface Rig {
  readonly slot: Slot
  readonly clock: ManualClock
  readonly board: Board
  readonly workers: FakeWorker[]
  readonly lines: string[]
  readonly lost: number[]
  readonly answers: { resolve: (body: string) => void }[]
}

function rig(fails = 0): Rig {
  const clock = new ManualClock()
  const board = createBoard({ rows: 4, counters: 16, gauges: 16, cells: 2100 })
  const workers: FakeWorker[] = []
  const lines: string[] = []
  const lost: number[] = []
  const answers: { resolve: (body: string) => void }[] = []
  let left = fails
  const slot = new Slot(2, {
    board,
    clock,
    start(start, events) {
      if (left-- > 0) throw new Error('no more threads')
      const worker = new FakeWorker(start, events)
      workers.push(worker)
      return worker
    },
    ask: () => new Promise((resolve) => answers.push({ resolve: (body) => resolve({ status: 200, headers: [], body }) })),
    log: (level, message) => lines.push(`${level} ${message}`),
    onApplied: () => lines.push('applied'),
    takesDescriptors: true,
    onDescriptorsLost: (row) => lost.push(row),
  })
  return { slot, clock, board, workers, lines, answers, lost }
}

/** Lets promises that are settled run on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  await settle()
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending
}

describe('a slot', () => {
  it('gives a worker the newest generation once it is ready, and has started when that is served', async () => {
    const { slot, workers } = rig()
    const started = slot.start(1, plansWith('a'))
    slot.publish(2, plansWith('a', 'b'), undefined)
    await settle()
    workers[0]?.say({ type: 'ready' })
    assert.deepEqual(workers[0]?.heard, ['2: a b'])
    assert.equal(await isSettled(started), false)
    workers[0].apply(2)
    await started
    assert.equal(slot.applied, 2)
  })

  it('sends differences, and skips generations that come while one is on its way', async () => {
    const { slot, workers } = rig()
    void slot.start(1, plansWith('a'))
    await settle()
    const worker = workers[0] as FakeWorker
    worker.say({ type: 'ready' })
    slot.publish(2, plansWith('b'), undefined)
    slot.publish(3, plansWith('a', 'c'), undefined)
    assert.deepEqual(worker.heard, ['1: a'])
    worker.apply(1)
    assert.deepEqual(worker.heard, ['1: a', '3: c'])
    worker.apply(3)
    assert.equal(slot.applied, 3)
  })

  it('feeds pieces as the worker asks for them', async () => {
    const { slot, workers } = rig()
    const names = Array.from({ length: 450 }, (_, index) => `m${index}`)
    void slot.start(1, plansWith(...names))
    await settle()
    const worker = workers[0] as FakeWorker
    worker.say({ type: 'ready' })
    assert.equal(worker.received.length, 1)
    worker.say({ type: 'next' })
    worker.say({ type: 'next' })
    worker.say({ type: 'next' })
    assert.deepEqual(
      worker.received.map((message) => message.type === 'changes' && [message.changes.length, message.last]),
      [
        [200, false],
        [200, false],
        [50, true],
      ],
    )
  })

  it('gives the successor of a worker that died in the middle of a feed all of the newest generation', async () => {
    const { slot, workers, lines, board, clock } = rig()
    void slot.start(1, plansWith(...Array.from({ length: 250 }, (_, index) => `m${index}`)))
    await settle()
    const worker = workers[0] as FakeWorker
    worker.say({ type: 'ready' })
    new Int32Array(board.buffer, 4 * 16 * 8 + 2 * 16 * 4, 16).fill(7)
    worker.events.onFailure(new Error('out of luck'))
    worker.events.onExit(1)
    assert.equal(board.sumGauge(3), 0)
    slot.publish(2, plansWith('b'), undefined)
    clock.advance(0)
    await settle()
    workers[1]?.say({ type: 'ready' })
    assert.deepEqual(workers[1]?.heard, ['2: b'])
    assert.deepEqual(lines, ['error worker ended, starting another: out of luck'])
  })

  it('starts again with growing pauses, and at once after a sound life', async () => {
    const { slot, workers, clock } = rig()
    void slot.start(0, null)
    await settle()
    for (const pauseMs of [0, 200, 400, 800, 1000, 1000]) {
      const count = workers.length
      workers.at(-1)?.events.onExit(1)
      if (pauseMs > 0) {
        clock.advance(pauseMs - 1)
        await settle()
        assert.equal(workers.length, count)
        clock.advance(1)
      } else clock.advance(0)
      await settle()
      assert.equal(workers.length, count + 1)
    }
    clock.advance(11_000)
    workers.at(-1)?.events.onExit(1)
    clock.advance(0)
    await settle()
    assert.equal(workers.length, 8)
  })

  it('tries again when a worker cannot be started, and keeps nobody waiting', async () => {
    const { slot, workers, clock, lines } = rig(1)
    await slot.start(1, plansWith('a'))
    assert.deepEqual(lines, ['error worker ended, starting another: no more threads'])
    clock.advance(0)
    await settle()
    workers[0]?.say({ type: 'ready' })
    assert.deepEqual(workers[0]?.heard, ['1: a'])
  })

  it('keeps nobody waiting for a worker that dies', async () => {
    const { slot, workers } = rig()
    const started = slot.start(1, plansWith('a'))
    await settle()
    const served = slot.whenServed(2)
    assert.equal(await isSettled(served), false)
    workers[0]?.events.onExit(1)
    await Promise.all([started, served])
    assert.equal(slot.applied, 0)
  })

  it('gives answers only to the worker that asked', async () => {
    const { slot, workers, clock, answers } = rig()
    void slot.start(0, null)
    await settle()
    const request = {
      target: 'api',
      method: 'GET',
      path: '/',
      query: '',
      headers: [],
      host: '',
      remoteIp: '',
      user: null,
      body: new Uint8Array(0),
    }
    workers[0]?.say({ type: 'ask', id: 1, request })
    workers[0]?.events.onExit(1)
    clock.advance(0)
    await settle()
    workers[1]?.say({ type: 'ask', id: 1, request })
    answers[0]?.resolve('for the dead one')
    answers[1]?.resolve('for the living one')
    await settle()
    assert.deepEqual(workers[1]?.received, [{ type: 'answer', id: 1, response: { status: 200, headers: [], body: 'for the living one' } }])
  })
})

describe('descriptors of socket activation', () => {
  it("are the first worker's only, and lost with it", async () => {
    const { slot, workers, clock, lost } = rig()
    void slot.start(0, null)
    await settle()
    workers[0]?.events.onExit(1)
    assert.deepEqual(lost, [2])
    clock.advance(0)
    await settle()
    workers[1]?.events.onExit(1)
    assert.deepEqual(lost, [2])
    assert.deepEqual(
      workers.map((worker) => worker.start.takesDescriptors),
      [true, false],
    )
    await slot.retire(null)
  })
})

describe('retiring a slot', () => {
  it('drains the worker, ends it and clears its gauges; a second call shortens the time', async () => {
    const { slot, workers, board } = rig()
    void slot.start(0, null)
    await settle()
    const worker = workers[0] as FakeWorker
    const left = slot.retire(60_000)
    await settle()
    const again = slot.retire(null)
    assert.deepEqual(worker.received, [
      { type: 'drain', graceMs: 60_000 },
      { type: 'drain', graceMs: null },
    ])
    assert.equal(worker.ended, false)
    new Int32Array(board.buffer, 4 * 16 * 8 + 2 * 16 * 4, 16).fill(7)
    worker.say({ type: 'drained' })
    await Promise.all([left, again])
    assert.equal(worker.ended, true)
    assert.equal(board.sumGauge(3), 0)
  })

  it('goes on feeding it until it has left', async () => {
    const { slot, workers } = rig()
    void slot.start(1, plansWith('a'))
    await settle()
    const worker = workers[0] as FakeWorker
    worker.say({ type: 'ready' })
    worker.apply(1)
    void slot.retire(60_000)
    await settle()
    slot.publish(2, plansWith('b'), undefined)
    assert.deepEqual(worker.heard, ['1: a', 'drain', '2: b -a'])
  })

  it('is over when the worker dies instead, and nothing is started', async () => {
    const { slot, workers, clock, lines } = rig()
    void slot.start(0, null)
    await settle()
    const left = slot.retire(60_000)
    await settle()
    workers[0]?.events.onExit(1)
    await left
    clock.advance(5000)
    await settle()
    assert.equal(workers.length, 1)
    assert.deepEqual(lines, [])
  })

  it('cancels a start that was to follow', async () => {
    const { slot, workers, clock } = rig()
    const started = slot.start(1, plansWith('a'))
    await settle()
    workers[0]?.events.onExit(1)
    await slot.retire(null)
    await started
    clock.advance(5000)
    await settle()
    assert.equal(workers.length, 1)
    assert.equal(clock.pending, 0)
  })
})
