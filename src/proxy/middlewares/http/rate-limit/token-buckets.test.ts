import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { rateLimitBytes } from '../../../../config/routing/middlewares/rate-limit.ts'
import { limitOf } from './limit.ts'
import { TokenBuckets } from './token-buckets.ts'

interface Views {
  readonly take: (worker: number, source: string) => number
  readonly advance: (ns: bigint) => void
}

/** Two workers' views of the same memory, and the clock of both. */
function views(average: number, burst: number): Views {
  let nowNs = 1_000_000_000n
  const memory = new SharedArrayBuffer(rateLimitBytes)
  const limit = limitOf({ average, period: 1000, burst })
  const now = (): bigint => nowNs
  const workers = [0, 1].map(() => new TokenBuckets(memory, limit, now, () => 0.25))
  return {
    take: (worker, source) => workers[worker]?.take('router@file', source) ?? assert.fail('no such worker'),
    advance: (ns) => {
      nowNs += ns
    },
  }
}

describe('token buckets', () => {
  it('give a burst over all workers together, and a full one again when it has grown', () => {
    const { take, advance } = views(100, 50)
    for (const what of ['at first', 'after a minute']) {
      let admitted = 0
      for (let count = 0; count < 200; count += 1) if (take(count % 2, '10.0.0.1') === 0) admitted += 1
      assert.equal(admitted, 50, what)
      advance(60_000_000_000n)
    }
    assert.equal(take(0, '10.0.0.2'), 0, 'another source has a bucket of its own')
  })

  it('admit 100 a second within 2% however fast the clients ask: refusals use nothing up', () => {
    const { take, advance } = views(100, 50)
    let admitted = 0
    for (let ms = 0; ms < 20_000; ms += 1) {
      for (let client = 0; client < 8; client += 1) if (take(client % 2, 'all') >= 0) admitted += 1
      advance(1_000_000n)
    }
    const ideal = 50 + 100 * 20
    assert.ok(Math.abs(admitted - ideal) <= ideal * 0.02, `${admitted} of ${ideal}`)
  })

  it('never admit more at once than burst and growth allow', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000_000 }), fc.boolean()), { maxLength: 100 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 50 }), steps, (average, burst, list) => {
        const { take, advance } = views(average, burst)
        let elapsedNs = 0
        let admitted = 0
        for (const [ns, second] of list) {
          advance(BigInt(ns))
          elapsedNs += ns
          if (take(second ? 1 : 0, 's') === 0) admitted += 1
        }
        assert.ok(admitted <= burst + (elapsedNs * average) / 1e9 + 1)
      }),
      { numRuns: 30 },
    )
  })
})
