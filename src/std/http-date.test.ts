import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { formatHttpDate, parseHttpDate } from './http-date.ts'

const nowMs = Date.parse('2026-11-25T00:00:00Z')

describe('dates of HTTP', () => {
  it('are read in their three forms (RFC 9110 §5.6.7)', () => {
    const ms = Date.parse('1994-11-06T08:49:37Z')
    for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])
      assert.equal(parseHttpDate(text, nowMs), ms, text)
    assert.equal(parseHttpDate('Wednesday, 01-Jan-75 00:00:00 GMT', nowMs), Date.parse('2075-01-01T00:00:00Z'))
    assert.equal(parseHttpDate('Saturday, 01-Jan-77 00:00:00 GMT', nowMs), Date.parse('1977-01-01T00:00:00Z'))
  })

  it('are nothing else', () => {
    const texts = [
      '',
      '0',
      '2026-11-25',
      'Sun, 06 Nov 1994 08:49:37 UTC',
      'Sun, 06 Nov 1994 08:49 GMT',
      'Sun, 31 Feb 2026 00:00:00 GMT',
      'Sun, 06 Nov 1994 24:00:00 GMT',
      'Sun, 06 Foo 1994 08:49:37 GMT',
      'Xyz, 06 Nov 1994 08:49:37 GMT',
      ' Sun, 06 Nov 1994 08:49:37 GMT',
    ]
    for (const text of texts) assert.equal(parseHttpDate(text, nowMs), undefined, text)
  })

  it('come back as they were written', () => {
    const seconds = fc.integer({ min: 0, max: 253_402_300_799 })
    fc.assert(fc.property(seconds, (at) => assert.equal(parseHttpDate(formatHttpDate(at * 1000), nowMs), at * 1000)))
  })

  it('never throw', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => assert.doesNotThrow(() => parseHttpDate(text, nowMs))))
  })
})
