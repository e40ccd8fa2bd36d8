import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readyBody } from '../../../../../test/support/upstream-rig.ts'
import { readAhead } from '../../../http/body-buffer.ts'
import { Base64Body, Base64Decoder } from './base64-body.ts'

describe('a body in Base64', () => {
  it('is decoded wherever it is cut, and however often it is padded', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 7 })), (parts, cuts) => {
        const text = Buffer.from(parts.map((part) => Buffer.from(part).toString('base64')).join(''))
        const decoder = new Base64Decoder()
        const out: Buffer[] = []
        let at = 0
        for (const cut of [...cuts, text.length]) {
          const decoded = decoder.decode(text.subarray(at, at + cut))
          assert.ok(decoded !== null)
          out.push(decoded)
          at += cut
        }
        assert.equal(decoder.isComplete, true)
        assert.deepEqual(Buffer.concat(out), Buffer.concat(parts))
      }),
    )
  })

  it('is refused when it is none, or ends within a group', async () => {
    for (const text of ['@@@@', 'AA', 'A===', 'AA=A', '====', 'AAAA\n']) {
      assert.deepEqual(await readAhead(new Base64Body(readyBody([text])), -1), { kind: 'failed', reason: 'bad_request' }, text)
    }
  })

  it('flows through', async () => {
    const read = await readAhead(new Base64Body(readyBody(['aG', 'VsbG8=d29y', 'bGQ='])), -1)
    assert.equal(read.kind === 'whole' && read.body.bytes().toString(), 'helloworld')
  })
})
