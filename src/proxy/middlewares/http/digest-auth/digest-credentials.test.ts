import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { nonceBytes } from '../../../../config/routing/nonce-memory.ts'
import { UsedOnce } from '../../../http/used-once.ts'
import { readDigest } from './digest-credentials.ts'
import { Nonces } from './nonces.ts'

describe('credentials of Digest', () => {
  it('are read with tokens, quotes and blanks', () => {
    const table: readonly (readonly [string, string | null])[] = [
      ['Digest username="a", realm="r",nc=00000001 ,  uri="/x?a=1,2"', 'a|r|00000001|/x?a=1,2'],
      ['digest USERNAME=a', 'a|||'],
      ['Digest username="a\\"b\\\\c"', 'a"b\\c|||'],
      ['Digest other=1, username=a', 'a|||'],
      ['Digest __proto__=1, username=a', 'a|||'],
      ['Digest username=a, username=b', null],
      ['Digest username="a', null],
      ['Digest username="a" realm="r"', null],
      ['Digest ,,,=,', null],
      ['Digest ', null],
      ['Digest', null],
      ['Basic username=a', null],
      ['', null],
    ]
    for (const [value, expected] of table) {
      const read = readDigest(value)
      assert.equal(read === null ? null : [read.username, read.realm, read.nc, read.uri].join('|'), expected, value)
    }
  })

  it('R38 are refused or read, whatever they are', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,60}$/), (text) => {
        const read = readDigest(`Digest ${text}`)
        assert.ok(read === null || typeof read.username === 'string')
      }),
    )
  })
})

describe('nonces', () => {
  it('are good once for each count, until they are old, and only if they are ours', () => {
    let nowMs = 1_000_000_000_000
    const memory = new SharedArrayBuffer(nonceBytes)
    const nonces = new Nonces(new UsedOnce(memory), () => nowMs)
    const worker = new Nonces(new UsedOnce(memory), () => nowMs)
    const nonce = nonces.make()
    assert.notEqual(nonce, nonces.make())
    assert.deepEqual(
      [worker.use(nonce, '00000001'), nonces.use(nonce, '00000001'), nonces.use(nonce, '0000000A'), worker.use(nonce, '00000002')],
      ['good', 'stale', 'good', 'stale'],
    )
    assert.deepEqual([nonces.use(nonce, '1'), nonces.use(nonce, '00000000'), nonces.use(nonce, 'ffffffff')], ['foreign', 'stale', 'stale'])
    const forged = `${nonce.slice(0, -1)}${nonce.endsWith('A') ? 'Q' : 'A'}`
    const stranger = new Nonces(new UsedOnce(new SharedArrayBuffer(nonceBytes)), () => nowMs)
    assert.deepEqual(
      [nonces.use(`B${nonce.slice(1)}`, '00000011'), nonces.use('', '00000011'), stranger.use(nonce, '00000011')],
      ['foreign', 'foreign', 'foreign'],
    )
    assert.equal(nonces.use(forged, '00000011'), 'foreign')
    nowMs += 3_601_000
    assert.equal(nonces.use(nonce, '00000012'), 'stale')
  })
})
