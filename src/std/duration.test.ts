import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { durationMsMax, formatGoDuration, parseDuration, parseGoDuration } from './duration.ts'

const parsed: readonly (readonly [text: string, ms: number | undefined])[] = [
  ['0', 0],
  ['0s', 0],
  ['-0', 0],
  ['1h2m3.5s', 3_723_500],
  ['100ms', 100],
  ['-1s', -1000],
  ['+1.5h', 5_400_000],
  ['.5s', 500],
  ['1.s', 1000],
  ['1us', 0.001],
  ['1µs', 0.001],
  ['1μs', 0.001],
  ['3ns', 0.000003],
  ['2562047h47m16.854775807s', durationMsMax],
  ['', undefined],
  ['-', undefined],
  ['1', undefined],
  ['1.5', undefined],
  ['s', undefined],
  ['.s', undefined],
  ['1d', undefined],
  ['1 s', undefined],
  ['5 minutes', undefined],
  ['1s ', undefined],
  ['9999999h', undefined],
  ['1e3s', undefined],
]
for (const [text, ms] of parsed) test(`the Go duration ${JSON.stringify(text)} is ${ms}`, () => assert.equal(parseGoDuration(text), ms))

test('a bare integer counts seconds, and nothing else does', () => {
  assert.equal(parseDuration('90'), 90_000)
  assert.equal(parseDuration('-1'), -1000)
  assert.equal(parseDuration('+2'), 2000)
  assert.equal(parseDuration('1m'), 60_000)
  assert.equal(parseDuration('1.5'), undefined)
  assert.equal(parseDuration('99999999999999999999'), undefined)
})

const printed: readonly (readonly [ms: number, text: string])[] = [
  [0, '0s'],
  [90_000, '1m30s'],
  [180_000, '3m0s'],
  [3_723_500, '1h2m3.5s'],
  [3_600_000, '1h0m0s'],
  [1500, '1.5s'],
  [500, '500ms'],
  [0.25, '250µs'],
  [0.0015, '1.5µs'],
  [0.000007, '7ns'],
  [-1000, '-1s'],
]
for (const [ms, text] of printed) test(`${ms} ms is printed as ${text}`, () => assert.equal(formatGoDuration(ms), text))

test('what is printed is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), (ns) => {
      const ms = ns / 1e6
      assert.equal(parseGoDuration(formatGoDuration(ms)), ms || 0)
    }),
  )
})
