import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bandwidth } from '../config/routing/middlewares/bandwidth.ts'
import { OwnPace, SharedPaces } from './paces.ts'

const rate = { bytesPerSecond: 1000, burstBytes: 500 }

function memory(): SharedArrayBuffer {
  return new SharedArrayBuffer(bandwidth.sharedBytes?.({ download: 1, upload: 0, burst: 1, scope: 'client' }) ?? 0)
}

describe('paces', () => {
  it('let a burst pass and then keep the rate', () => {
    let nowMs = 1_790_000_000_000
    const paces = [new OwnPace(rate, () => nowMs), new SharedPaces(memory(), 0, rate, () => nowMs).of('a')]
    for (const pace of paces) {
      assert.deepEqual([pace.debit(500), pace.debit(100), pace.debit(400)], [0, 100, 500])
      nowMs += 500
      assert.deepEqual([pace.debit(0), pace.debit(1000)], [0, 1000])
      nowMs += 10_000
      // What was not used in ten seconds is worth a burst and no more.
      assert.deepEqual([pace.debit(500), pace.debit(1)], [0, 1])
    }
  })

  it('are one pace for all workers, and another for each key and direction', () => {
    const shared = memory()
    const nowMs = (): number => 1_790_000_000_000
    const [one, two] = [new SharedPaces(shared, 0, rate, nowMs), new SharedPaces(shared, 0, rate, nowMs)]
    assert.deepEqual([one.of('a').debit(500), two.of('a').debit(500), one.of('b').debit(500)], [0, 500, 0])
    assert.equal(new SharedPaces(shared, 1, rate, nowMs).of('a').debit(500), 0)
  })

  it('keep their rate when there are more keys than entries', () => {
    const paces = new SharedPaces(memory(), 0, rate, () => 1_790_000_000_000)
    for (let key = 0; key < 20_000; key += 1) paces.of(`key ${key}`).debit(1000)
    assert.ok(paces.of('key 0').debit(1000) >= 1500)
  })

  it('do not wait for a clock that was set back', () => {
    let nowMs = 1_790_000_000_000
    const pace = new SharedPaces(memory(), 0, rate, () => nowMs).of('a')
    pace.debit(1000)
    nowMs -= 3_600_000
    assert.equal(pace.debit(500), 0)
  })
})
