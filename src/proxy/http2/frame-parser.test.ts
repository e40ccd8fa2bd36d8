import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FrameParser } from './frame-parser.ts'
import { frameHead, goawayFrame, headersFrames, pingFrame, settingsFrame, windowUpdateFrame } from './frames.ts'
import { prefaceMatch } from './preface.ts'

interface Seen {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly payload: string
}

function read(parser: FrameParser, chunks: readonly Buffer[]): Seen[] {
  const seen: Seen[] = []
  for (const chunk of chunks) {
    parser.push(chunk)
    while (parser.next()) {
      const { type, flags, streamId, bytes, from, to } = parser
      seen.push({ type, flags, streamId, payload: bytes.toString('latin1', from, to) })
    }
  }
  return seen
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((one, other) => one - other), bytes.length]
  return sorted.slice(1).map((place, index) => bytes.subarray(sorted[index], place))
}

describe('frames', () => {
  it('are found whatever the cuts', () => {
    const frame = fc.record({
      payload: fc.uint8Array({ maxLength: 60 }),
      type: fc.nat(255),
      flags: fc.nat(255),
      streamId: fc.nat(0x7fff_ffff),
    })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(600), { maxLength: 12 }), (frames, places) => {
        const expected = frames.map(({ payload, ...rest }) => ({ ...rest, payload: Buffer.from(payload).toString('latin1') }))
        const text = expected.map(({ type, flags, streamId, payload }) => frameHead(payload.length, type, flags, streamId) + payload)
        const parser = new FrameParser(60)
        const seen = read(parser, cut(Buffer.from(text.join(''), 'latin1'), places))
        assert.deepEqual(seen.map(order), expected.map(order))
        assert.equal(parser.buffered, 0)
      }),
    )
  })

  it('must not be larger than announced', () => {
    for (const places of [[], [3], [9]]) {
      const parser = new FrameParser(100)
      assert.deepEqual(read(parser, cut(Buffer.from(frameHead(101, 0, 0, 1), 'latin1'), places)), [])
      assert.equal(parser.isTooLarge, true)
    }
  })

  it('carry long field blocks in pieces', () => {
    const parser = new FrameParser(16_384)
    const block = 'b'.repeat(40_000)
    const seen = read(parser, [Buffer.from(headersFrames(3, block, true, 16_384), 'latin1')])
    assert.deepEqual(
      seen.map(({ type, flags, payload }) => [type, flags, payload.length]),
      [
        [1, 1, 16_384],
        [9, 0, 16_384],
        [9, 4, 7232],
      ],
    )
  })

  it('are written as RFC 9113 draws them', () => {
    const bytes = (text: string): string => Buffer.from(text, 'latin1').toString('hex')
    assert.equal(bytes(settingsFrame([[4, 0x7fff_ffff]])), '00000604000000000000047fffffff')
    assert.equal(bytes(windowUpdateFrame(5, 0x0102_0304)), '00000408000000000501020304')
    assert.equal(bytes(pingFrame('12345678', true)), '0000080601000000003132333435363738')
    assert.equal(bytes(goawayFrame(7, 11, 'x')), '000009070000000000000000070000000b78')
  })
})

describe('the preface', () => {
  for (const [text, match] of [
    ['', 'more'],
    ['PRI', 'more'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'yes'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore', 'yes'],
    ['PRI / HTTP/2.0\r\n', 'no'],
    ['GET / HTTP/1.1\r\n', 'no'],
    ['P', 'more'],
    ['POST / HTTP/1.1', 'no'],
  ] as const) {
    it(`${JSON.stringify(text)}: ${match}`, () => assert.equal(prefaceMatch(Buffer.from(text)), match))
  }
})

function order({ type, flags, streamId, payload }: Seen): [number, number, number, string] {
  return [type, flags, streamId, payload]
}
