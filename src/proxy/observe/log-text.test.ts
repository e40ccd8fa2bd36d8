import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { commonBytes, commonText, jsonBytes, jsonText } from './log-text.ts'

const control = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString('latin1'))
const anyText = fc.string({ unit: 'binary', maxLength: 200 })

describe('R55: texts of log lines', () => {
  it('JSON of bytes has no control character and tells what UTF-8 was in it', () => {
    fc.assert(
      fc.property(bytes, (text) => {
        const json = jsonBytes(text)
        assert.ok(!control.test(json))
        assert.equal(JSON.parse(json), Buffer.from(text, 'latin1').toString('utf8'))
      }),
    )
  })

  it('JSON of configured texts has no control character and tells the same', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = jsonText(text)
        assert.ok(!control.test(json))
        assert.equal(JSON.parse(json), text)
      }),
    )
  })

  it('common fields have no control character and no quote that is not escaped', () => {
    fc.assert(
      fc.property(fc.oneof(bytes.map(commonBytes), anyText.map(commonText)), (field) => {
        assert.ok(!control.test(field))
        assert.ok(!field.replace(/\\./gs, '').includes('"'))
      }),
    )
  })
})
