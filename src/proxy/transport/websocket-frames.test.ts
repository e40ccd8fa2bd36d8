import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { closeFrame, FrameScanner, goingAway, newMaskKey } from './websocket-frames.ts'

/** A frame as RFC 6455 §5.2 has it. */
interface Frame {
  readonly opcode: number
  readonly length: number
  readonly isMasked: boolean
}

function bytesOf({ opcode, length, isMasked }: Frame): Buffer {
  const mask = isMasked ? 0x80 : 0
  let head: Buffer
  if (length < 126) head = Buffer.from([0x80 | opcode, mask | length])
  else if (length < 65_536) head = Buffer.from([0x80 | opcode, mask | 126, length >> 8, length & 0xff])
  else {
    head = Buffer.alloc(10)
    head[0] = 0x80 | opcode
    head[1] = mask | 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  // Payload that looks like heads of close frames.
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0, 0x88), Buffer.alloc(length, 0x88)])
}

const frames: fc.Arbitrary<Frame[]> = fc.array(
  fc.record({
    opcode: fc.constantFrom(0, 1, 2, 9, 10),
    length: fc.oneof(fc.integer({ min: 0, max: 130 }), fc.constantFrom(65_535, 65_536, 70_000)),
    isMasked: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
)

describe('FrameScanner', () => {
  it('finds every boundary, however the bytes are cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }), (list, cuts) => {
        const parts = list.map(bytesOf)
        const bytes = Buffer.concat(parts)
        const boundaries: number[] = []
        for (const part of parts) boundaries.push((boundaries.at(-1) ?? 0) + part.length)
        const scanner = new FrameScanner()
        const found: number[] = []
        let at = 0
        for (let turn = 0; at < bytes.length; turn += 1) {
          const chunk = bytes.subarray(at, at + cuts[turn % cuts.length]!)
          let passed = 0
          while (passed < chunk.length) {
            passed += scanner.scan(chunk.subarray(passed), true)
            if (scanner.isBetweenFrames) found.push(at + passed)
          }
          at += chunk.length
        }
        assert.deepEqual(found, boundaries)
        assert.equal(scanner.closeSeen, false)
      }),
      { numRuns: 200 },
    )
  })

  it('passes whole chunks when it does not look for a boundary', () => {
    const scanner = new FrameScanner()
    const bytes = Buffer.concat([bytesOf({ opcode: 1, length: 5, isMasked: true }), bytesOf({ opcode: 2, length: 300, isMasked: false })])
    assert.equal(scanner.scan(bytes.subarray(0, -1)), bytes.length - 1)
    assert.equal(scanner.isBetweenFrames, false)
    assert.equal(scanner.scan(bytes.subarray(-1)), 1)
    assert.equal(scanner.isBetweenFrames, true)
  })

  it('sees a close frame', () => {
    for (const key of [null, newMaskKey()]) {
      const scanner = new FrameScanner()
      scanner.scan(closeFrame(goingAway, key))
      assert.deepEqual([scanner.closeSeen, scanner.isBetweenFrames], [true, true])
    }
  })
})

describe('closeFrame', () => {
  it('is as RFC 6455 §5.5.1 asks, masked for servers', () => {
    assert.deepEqual([...closeFrame(1001, null)], [0x88, 2, 0x03, 0xe9])
    assert.deepEqual([...closeFrame(1001, 0xff00_0000)], [0x88, 0x82, 0xff, 0, 0, 0, 0xfc, 0xe9])
  })
})
