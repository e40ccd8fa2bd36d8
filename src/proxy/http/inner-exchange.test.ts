import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readyBody, testExchange } from '../../../test/support/upstream-rig.ts'
import { type ReadAhead, readAhead, WholeBody } from './body-buffer.ts'
import type { BodyConsumer } from './body.ts'
import { Collector } from './collected-answer.ts'
import type { Exchange, Handler } from './exchange.ts'
import { admitAll, type AnswerGate, innerExchange, runInner } from './inner-exchange.ts'
import { respondText } from './respond.ts'

const answers =
  (status: number, body: string, setUp: (exchange: Exchange) => void = () => {}): Handler =>
  (exchange) => {
    setUp(exchange)
    respondText(exchange, status, body, null)
  }

/** Lets answers below 500 pass, and counts the others. */
class Gate implements AnswerGate {
  readonly passesInformational = true
  readonly dropped: Exchange[] = []
  readonly replace: (inner: Exchange) => void

  constructor(replace: (inner: Exchange) => void = () => {}) {
    this.replace = replace
  }

  admits(inner: Exchange): boolean {
    return inner.status < 500
  }

  onDropped(inner: Exchange): void {
    this.dropped.push(inner)
    this.replace(inner)
  }
}

describe('an inner exchange', () => {
  it('passes an answer on, with its facts, and keeps what was set before', async () => {
    const { exchange, sink } = testExchange({})
    exchange.responseHeaders.add('Set-Cookie', 'a=1')
    exchange.addResponseHook({ onResponse: (outer) => outer.responseHeaders.add('Way', 'outer') })
    let finished = 0
    runInner(
      exchange,
      null,
      answers(201, 'made', (inner) => {
        inner.serverUrl = 'http://s'
        inner.responseHeaders.add('Way', 'inner')
        inner.addObserver({ onFinish: () => (finished += 1) })
      }),
      new Gate(),
    )
    await sink.done
    exchange.finish()
    assert.deepEqual([sink.status, sink.body, exchange.serverUrl, finished], [201, 'made', 'http://s', 1])
    assert.deepEqual(sink.headers, [
      ['Set-Cookie', 'a=1'],
      ['Way', 'inner'],
      ['Way', 'outer'],
    ])
  })

  it('drops an answer without a trace, so that another can be given', async () => {
    const { exchange, sink } = testExchange({})
    const gate = new Gate(() => runInner(exchange, null, answers(200, 'second'), gate))
    runInner(
      exchange,
      null,
      answers(503, 'first', (inner) => inner.responseHeaders.add('Secret', 'x')),
      gate,
    )
    await sink.done
    assert.deepEqual([sink.status, sink.body, sink.headers], [200, 'second', []])
    assert.equal(gate.dropped[0]?.finished, true)
  })

  it('does not answer in place of a dropped answer once the client is gone', async () => {
    const { exchange } = testExchange({})
    const gate = new Gate()
    runInner(exchange, null, answers(503, 'first'), gate)
    exchange.abort('client_gone')
    await Promise.resolve()
    assert.deepEqual(gate.dropped, [])
  })

  it('gives up when the client leaves', () => {
    const { exchange } = testExchange({})
    let inner: Exchange | null = null
    runInner(exchange, null, (each) => void (inner = each), new Gate())
    exchange.abort('client_gone')
    exchange.finish()
    assert.deepEqual([(inner as Exchange | null)?.aborted, (inner as Exchange | null)?.finished], ['client_gone', true])
  })

  it('answers 500 for a handler that throws or rejects', async () => {
    for (const handler of [
      () => {
        throw new Error('bug')
      },
      () => Promise.reject(new Error('bug')),
    ]) {
      const { exchange, sink } = testExchange({})
      runInner(exchange, null, handler, admitAll)
      await sink.done
      assert.deepEqual([sink.status, exchange.reason], [500, 'internal_error'])
    }
  })
})

describe('a collected answer', () => {
  it('is whole, or says that it is too long', async () => {
    for (const [bytesMax, isTooLong] of [
      [-1, false],
      [4, false],
      [3, true],
    ] as const) {
      const { exchange } = testExchange({})
      const collector = new Collector(bytesMax)
      const answer = await collector.run(innerExchange(exchange, null, collector), answers(200, 'four'))
      assert.deepEqual([answer.status, answer.isTooLong, answer.body.toString()], [200, isTooLong, isTooLong ? '' : 'four'])
    }
  })

  it('can be given up', async () => {
    const { exchange } = testExchange({})
    const collector = new Collector(-1)
    const inner = innerExchange(exchange, null, collector)
    const answer = collector.run(inner, () => {})
    collector.giveUp(inner, 'upstream_timeout')
    assert.equal((await answer).reason, 'upstream_timeout')
    assert.equal(inner.finished, true)
  })
})

/** Notes a body, and may pause after each chunk. */
class Taker implements BodyConsumer {
  readonly chunks: string[] = []
  readonly onChunk: () => void
  readonly done = Promise.withResolvers<string>()

  constructor(onChunk: () => void = () => {}) {
    this.onChunk = onChunk
  }

  onBodyChunk(chunk: Buffer): void {
    this.chunks.push(chunk.toString())
    this.onChunk()
  }

  onBodyEnd(): void {
    this.done.resolve(this.chunks.join(''))
  }

  onBodyError(reason: string): void {
    this.done.resolve(reason)
  }
}

const wholeOf = (ahead: ReadAhead): WholeBody => (ahead.kind === 'whole' ? ahead.body : assert.fail(ahead.kind))

describe('a body that is read ahead', () => {
  const pieces = ['one', 'two', 'three']

  it('can be sent again and again when it is short enough', async () => {
    for (const bytesMax of [11, -1]) {
      const whole = wholeOf(await readAhead(readyBody(pieces), bytesMax))
      assert.equal(whole.bytes().toString(), 'onetwothree')
      for (let turn = 0; turn < 2; turn += 1) {
        const taker = new Taker()
        whole.copy().start(taker)
        assert.equal(await taker.done.promise, 'onetwothree')
      }
    }
  })

  it('still can be passed on, once and whole, when it is longer', async () => {
    for (let bytesMax = 0; bytesMax < 11; bytesMax += 1) {
      const ahead = await readAhead(readyBody(pieces), bytesMax)
      const body = ahead.kind === 'longer' ? ahead.body : assert.fail(ahead.kind)
      const taker = new Taker()
      body.start(taker)
      assert.equal(await taker.done.promise, 'onetwothree', `limit ${bytesMax}`)
      assert.throws(() => body.start(taker), /started twice/)
    }
  })

  it('waits for a consumer that pauses', async () => {
    const body = new WholeBody(pieces.map((piece) => Buffer.from(piece))).copy()
    const taker: Taker = new Taker(() => body.pause())
    body.start(taker)
    assert.deepEqual(taker.chunks, ['one'])
    body.resume()
    assert.deepEqual(taker.chunks, ['one', 'two'])
    body.resume()
    body.resume()
    assert.equal(await taker.done.promise, 'onetwothree')
  })
})
