import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../../../../test/support/manual-clock.ts'
import { testMiddlewareContext } from '../../../../../test/support/middleware-context.ts'
import { checkMiddleware } from '../../../../../test/support/middleware-rig.ts'
import { type NotingSink, readyBody, testExchange } from '../../../../../test/support/upstream-rig.ts'
import { bandwidth as schema } from '../../../../config/routing/middlewares/bandwidth.ts'
import { TimerWheel } from '../../../../std/timer-wheel.ts'
import type { ResponseProducer } from '../../../http/body.ts'
import type { Exchange, Handler } from '../../../http/exchange.ts'
import type { Reason } from '../../../http/reasons.ts'
import { bandwidth } from './bandwidth.ts'

/** Sends pieces of 1000 bytes for as long as it may. */
class Producer implements ResponseProducer {
  aborted: Reason | null = null
  readonly #exchange: Exchange
  #pieces: number

  constructor(exchange: Exchange, pieces: number) {
    this.#exchange = exchange
    this.#pieces = pieces
  }

  begin(): void {
    const exchange = this.#exchange
    exchange.producer = this
    exchange.status = 200
    exchange.startResponse()
    this.onDrain()
  }

  onDrain(): void {
    while (this.#pieces > 0) {
      this.#pieces -= 1
      if (!this.#exchange.sink.write(this.#exchange, Buffer.alloc(1000))) return
    }
    this.#exchange.producer = null
    this.#exchange.sink.end(this.#exchange)
  }

  onAbort(reason: Reason): void {
    this.aborted = reason
  }
}

class Rig {
  readonly clock = new ManualClock()
  readonly wheel = new TimerWheel(this.clock)
  readonly producers: Producer[] = []
  readonly #answer: Handler = (exchange) => {
    const producer = new Producer(exchange, 10)
    this.producers.push(producer)
    producer.begin()
  }
  readonly #handlers: readonly Handler[]

  /** `workers` build the middleware, each for itself, over the same memory. */
  constructor(options: object, workers = 1) {
    const checked = checkMiddleware({ bandwidth: options })
    assert.equal(checked.error, undefined)
    const shared = new SharedArrayBuffer(schema.sharedBytes?.({ download: 0, upload: 0, burst: 0, scope: 'client', ...options }) ?? 0)
    this.#handlers = Array.from({ length: workers }, () =>
      bandwidth.create(checked.options, testMiddlewareContext({ wheel: this.wheel, shared }))((exchange) => this.#answer(exchange)),
    )
  }

  ask(worker = 0, request: Parameters<typeof testExchange>[0] = {}): { exchange: Exchange; sink: NotingSink } {
    const made = testExchange(request)
    made.sink.keepsChunks = false
    void this.#handlers[worker]?.(made.exchange)
    return made
  }
}

describe('bandwidth', () => {
  it('paces an answer', () => {
    const rig = new Rig({ download: 2000, burst: 2000 })
    const { sink } = rig.ask()
    const sent: number[] = [sink.bytes]
    for (let step = 0; step < 8; step += 1) {
      rig.clock.advance(520)
      sent.push(sink.bytes)
    }
    assert.deepEqual(sent, [3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 10_000])
    assert.equal(sink.ended, true)
    assert.equal(rig.wheel.size, 0)
  })

  it('gives all requests of a client one limit, whichever worker has them', () => {
    const rig = new Rig({ download: 2000, burst: 2000 }, 2)
    const [one, two] = [rig.ask(0), rig.ask(1)]
    assert.deepEqual([one.sink.bytes, two.sink.bytes], [3000, 1000])
    rig.clock.advance(4000)
    const bytes = one.sink.bytes + two.sink.bytes
    assert.ok(bytes >= 11_000 && bytes <= 13_000, String(bytes))
  })

  it('gives each connection a limit of its own', () => {
    const rig = new Rig({ download: 2000, burst: 2000, scope: 'connection' })
    const facts = { remoteIp: '192.0.2.1', remotePort: 1, localIp: '192.0.2.2', localPort: 2, tls: null }
    const [one, same, other] = [rig.ask(0, { client: facts }), rig.ask(0, { client: facts }), rig.ask(0, { client: { ...facts } })]
    assert.deepEqual([one.sink.bytes, same.sink.bytes, other.sink.bytes], [3000, 1000, 3000])
  })

  it('waits for a client that takes less than it may', () => {
    const rig = new Rig({ download: 2000, burst: 2000 })
    const { exchange, sink } = rig.ask()
    sink.roomBytes = 0
    rig.clock.advance(520)
    assert.equal(sink.bytes, 4000)
    rig.clock.advance(5000)
    assert.equal(sink.bytes, 4000)
    sink.roomBytes = Number.POSITIVE_INFINITY
    exchange.producer?.onDrain()
    assert.ok(sink.bytes > 4000)
  })

  it('leaves nothing behind when the client goes', () => {
    const rig = new Rig({ download: 2000, burst: 2000 })
    const { exchange, sink } = rig.ask()
    exchange.abort('client_gone')
    exchange.finish()
    rig.clock.advance(10_000)
    assert.deepEqual([sink.bytes, rig.producers[0]?.aborted, rig.wheel.size], [3000, 'client_gone', 0])
  })

  it('paces a request', () => {
    const rig = new Rig({ upload: 2000, burst: 1000 })
    const body = readyBody(Array.from({ length: 5 }, () => 'x'.repeat(1000)))
    const { exchange } = rig.ask(0, { method: 'POST', body })
    let bytes = 0
    let isOver = false
    exchange.body?.start({ onBodyChunk: (chunk) => (bytes += chunk.length), onBodyEnd: () => (isOver = true), onBodyError: () => {} })
    const read: number[] = [bytes]
    for (let step = 0; step < 4; step += 1) {
      rig.clock.advance(520)
      read.push(bytes)
    }
    assert.deepEqual([read, isOver, exchange.body?.ended], [[2000, 3000, 4000, 5000, 5000], true, true])
    exchange.finish()
    assert.equal(rig.wheel.size, 0)
  })

  it('does not go on while its consumer wants a pause', () => {
    const rig = new Rig({ upload: 2000, burst: 1000 })
    const { exchange } = rig.ask(0, { method: 'POST', body: readyBody(['x'.repeat(3000), 'y']) })
    let bytes = 0
    exchange.body?.start({ onBodyChunk: (chunk) => (bytes += chunk.length), onBodyEnd() {}, onBodyError() {} })
    exchange.body?.pause()
    rig.clock.advance(5000)
    assert.equal(bytes, 3000)
    exchange.body?.resume()
    assert.equal(bytes, 3001)
  })

  it('says what is wrong with its options', () => {
    const errors: readonly (readonly [object, RegExp])[] = [
      [{ burst: 5 }, /^bandwidth: neither download nor upload is limited/],
      [{ download: 10 }, /^bandwidth\.download: 10 is less than 1024/],
      [{ upload: -1 }, /^bandwidth\.upload: -1 is less than 1024/],
      [{ download: 5000, burst: 0 }, /^bandwidth\.burst: 0 lets nothing pass/],
      [{ download: 5000, scope: 'all' }, /^bandwidth\.scope: "all" is none of/],
    ]
    for (const [options, pattern] of errors) assert.match(checkMiddleware({ bandwidth: options }).error ?? '', pattern)
  })
})
