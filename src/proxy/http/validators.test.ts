import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { parseRange } from './validators.ts'

describe('ranges', () => {
  it('never reach beyond the bytes that there are, whatever is asked for (R52)', () => {
    const part = fc.oneof(
      fc.tuple(fc.nat(200), fc.nat(200)).map(([first, last]) => `${first}-${last}`),
      fc.nat(200).map((first) => `${first}-`),
      fc.nat(200).map((last) => `-${last}`),
      fc.string({ maxLength: 6 }),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.nat(100), (parts, size) => {
        const range = parseRange(`bytes=${parts.join(',')}`, size)
        if (range === null || range === 'unsatisfiable') return
        assert.ok(range.start >= 0 && range.start <= range.end && range.end < size, JSON.stringify(range))
      }),
    )
  })

  it('are refused when they are too many or too large to be numbers', () => {
    assert.equal(parseRange(`bytes=${'0-0,'.repeat(16)}0-0`, 10), null)
    assert.equal(parseRange('bytes=0-9999999999999999', 10), null)
    assert.equal(parseRange('bytes=999999999999999-', 10), 'unsatisfiable')
  })
})
