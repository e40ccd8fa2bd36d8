import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesToText, isAscii, textToBytes } from './utf8.ts'

const pairs: readonly (readonly [bytes: string, text: string])[] = [
  ['', ''],
  ['abc', 'abc'],
  ['caf\xc3\xa9', 'café'],
  ['\xe6\x97\xa5', '日'],
  ['\xf0\x9f\x98\x80', '😀'],
  ['\xff\xfe', '\udcff\udcfe'],
  ['\xc3', '\udcc3'],
  ['\xc3(', '\udcc3('],
  ['\xc0\xaf', '\udcc0\udcaf'],
  ['\xe0\x80\xaf', '\udce0\udc80\udcaf'],
  ['\xed\xa0\x80', '\udced\udca0\udc80'],
  ['\xf4\x90\x80\x80', '\udcf4\udc90\udc80\udc80'],
]

for (const [bytes, text] of pairs) {
  test(`${JSON.stringify(bytes)} and ${JSON.stringify(text)} are the same`, () => {
    assert.equal(bytesToText(bytes), text)
    assert.equal(textToBytes(text), bytes)
  })
}

test('a surrogate that stands for no byte is encoded as U+FFFD', () => assert.equal(textToBytes('\ud800'), '\xef\xbf\xbd'))

test('isAscii tells whether anything lies beyond 0x7f', () => {
  assert.equal(isAscii('\x00\x7f'), true)
  assert.equal(isAscii('a\x80'), false)
})

test('any bytes survive the way to text and back', () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString('latin1'))
  fc.assert(fc.property(bytes, (value) => assert.equal(textToBytes(bytesToText(value)), value)))
})

test('text is encoded as node:buffer does', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(textToBytes(text), Buffer.from(text).toString('latin1'))))
})
