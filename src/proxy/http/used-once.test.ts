import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nonceBucketEntries, nonceBuckets, nonceBytes } from '../../config/routing/nonce-memory.ts'
import { UsedOnce } from './used-once.ts'

describe('what must not be used twice', () => {
  it('is known to all who share the memory', () => {
    const memory = new SharedArrayBuffer(nonceBytes)
    const [one, other] = [new UsedOnce(memory), new UsedOnce(memory)]
    assert.deepEqual(one.secret, other.secret)
    assert.equal(one.secret.length, 32)
    assert.notDeepEqual(one.secret, new UsedOnce(new SharedArrayBuffer(nonceBytes)).secret)
    assert.deepEqual(
      [one.use(7, 100, 1), other.use(7, 100, 1), other.use(7, 100, 2), one.use(7, 100, 2)],
      ['fresh', 'used', 'fresh', 'used'],
    )
  })

  it('may skip counts, and never goes back', () => {
    const used = new UsedOnce(new SharedArrayBuffer(nonceBytes))
    assert.deepEqual(
      [used.use(-7, 100, 5), used.use(-7, 100, 4), used.use(-7, 100, 9), used.use(-7, 101, 1)],
      ['fresh', 'used', 'fresh', 'fresh'],
    )
  })

  it('is not forgotten into being fresh again: the oldest goes, and nothing as old gets in', () => {
    const used = new UsedOnce(new SharedArrayBuffer(nonceBytes))
    const tagOf = (index: number): number => index * nonceBuckets
    for (let index = 1; index <= nonceBucketEntries + 1; index += 1) assert.equal(used.use(tagOf(index), 100 + index, 1), 'fresh')
    assert.equal(used.use(tagOf(1), 101, 1), 'forgotten')
    assert.equal(used.use(tagOf(1), 101, 2), 'forgotten')
    assert.equal(used.use(tagOf(99), 101, 1), 'forgotten')
    assert.equal(used.use(tagOf(2), 102, 1), 'used')
    assert.equal(used.use(tagOf(99), 200, 1), 'fresh')
  })
})
