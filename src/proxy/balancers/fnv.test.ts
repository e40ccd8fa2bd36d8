import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Fnv64 } from './fnv.ts'

/** The same by BigInt, straight from the definition. */
function oracle(text: string, variant: '1' | '1a'): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(text, 'latin1')) {
    if (variant === '1a') hash ^= BigInt(byte)
    hash = (hash * 0x100000001b3n) & 0xffffffffffffffffn
    if (variant === '1') hash ^= BigInt(byte)
  }
  return hash
}

describe('Fnv64', () => {
  it('agrees with the definition', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = Buffer.from(bytes).toString('latin1')
        assert.equal(new Fnv64().add1a(text).hex(), oracle(text, '1a').toString(16))
        assert.equal(new Fnv64().add1(text).hex(), oracle(text, '1').toString(16))
      }),
    )
  })

  it('gives the values that old sticky cookies have', () => {
    const once = new Fnv64().add1('cb').hex()
    assert.equal(once, '8326507b4eb3416')
    assert.equal(new Fnv64().add1(once).hex(), 'fd49abc076bf316b')
  })

  it('is a fraction of 2^64', () => {
    const fraction = new Fnv64().add1a('10.0.0.1').fraction()
    assert.equal(fraction, Number(oracle('10.0.0.1', '1a')) / 2 ** 64)
  })
})
