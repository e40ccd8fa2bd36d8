import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { errorCode } from './error-codes.ts'
import { canonicalName, fieldKind, HpackField } from './field.ts'
import { HpackDecoder } from './hpack-decoder.ts'
import { HpackEncoder, integer } from './hpack-encoder.ts'
import { huffmanDecode, huffmanEncode, huffmanLength } from './huffman.ts'

const roomy = { headBytesMax: 1024 * 1024, headersMax: 1000 }
const bytesText = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex')
}

function fieldsOf(decoder: HpackDecoder): [string, string][] {
  return decoder.fields.slice(0, decoder.count).map(({ key, value }) => [key, value])
}

describe('the Huffman code', () => {
  it('is that of RFC 7541 C.4', () => {
    assert.equal(Buffer.from(huffmanEncode('www.example.com'), 'latin1').toString('hex'), 'f1e3c2e5f23a6ba0ab90f4ff')
    assert.equal(Buffer.from(huffmanEncode('no-cache'), 'latin1').toString('hex'), 'a8eb10649cbf')
  })

  it('gives back what it packed', () => {
    fc.assert(
      fc.property(bytesText, (text) => {
        const packed = Buffer.from(huffmanEncode(text), 'latin1')
        assert.equal(packed.length, huffmanLength(text))
        assert.equal(huffmanDecode(packed, 0, packed.length), text)
      }),
    )
  })

  for (const [name, text] of [
    ['padding of eight bits', 'ff'],
    ['padding with a zero', '1e'],
    ['the end-of-string symbol', 'fffffffc'],
    ['half a word', 'fffe'],
  ] as const) {
    it(`refuses ${name}`, () => {
      const bytes = hex(text)
      assert.equal(huffmanDecode(bytes, 0, bytes.length), null)
    })
  }
})

describe('the decoder', () => {
  it('reads the requests of RFC 7541 C.4, with Huffman code and table', () => {
    const decoder = new HpackDecoder(4096, roomy)
    const blocks = ['828684418cf1e3c2e5f23a6ba0ab90f4ff', '828684be5886a8eb10649cbf', '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf']
    const expected = [
      [
        [':method', 'GET'],
        [':scheme', 'http'],
        [':path', '/'],
        [':authority', 'www.example.com'],
      ],
      [
        [':method', 'GET'],
        [':scheme', 'http'],
        [':path', '/'],
        [':authority', 'www.example.com'],
        ['cache-control', 'no-cache'],
      ],
      [
        [':method', 'GET'],
        [':scheme', 'https'],
        [':path', '/index.html'],
        [':authority', 'www.example.com'],
        ['custom-key', 'custom-value'],
      ],
    ]
    for (const [index, block] of blocks.entries()) {
      assert.equal(decoder.decode(hex(block)), 0)
      assert.deepEqual(fieldsOf(decoder), expected[index])
    }
    assert.equal(decoder.tableCount, 3)
  })

  it('reads the answers of RFC 7541 C.5, which push entries out of a table of 256 bytes', () => {
    const decoder = new HpackDecoder(256, roomy)
    const first =
      '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d'
    assert.equal(decoder.decode(hex(first)), 0)
    assert.equal(decoder.decode(hex('4803333037c1c0bf')), 0)
    assert.deepEqual(fieldsOf(decoder), [
      [':status', '307'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ])
    assert.equal(decoder.tableCount, 4)
  })

  for (const [name, block] of [
    ['index 0', '80'],
    ['an index behind the table', 'be'],
    ['a name behind the table', '7e0161'],
    ['an integer without end', 'ffffffffffffff'],
    ['an integer that stops', 'ff80'],
    ['a string longer than the block', '400561'],
    ['a string without length', '4001'],
    ['a table larger than allowed', '3fe21f'],
    ['a change of the table behind a field', '8220'],
    ['three changes of the table', '202020'],
    ['a broken Huffman word', '400161811e'],
  ] as const) {
    it(`takes ${name} for an error of compression`, () => {
      const decoder = new HpackDecoder(4096, roomy)
      assert.equal(decoder.decode(hex(block)), errorCode.compressionError)
    })
  }

  it('keeps no more than it may, and keeps its table in step', () => {
    const encoder = new HpackEncoder(4096)
    const decoder = new HpackDecoder(4096, { headBytesMax: 200, headersMax: 1000 })
    let block = ''
    for (let round = 0; round < 5; round += 1) block += encoder.field('x-much', 'y'.repeat(100))
    assert.equal(decoder.decode(Buffer.from(block, 'latin1')), 0)
    assert.equal(decoder.isTooLarge, true)
    assert.equal(decoder.count, 1)
    assert.equal(decoder.decode(Buffer.from(encoder.field('x-much', 'y'.repeat(100)), 'latin1')), 0)
    assert.deepEqual(fieldsOf(decoder), [['x-much', 'y'.repeat(100)]])
  })

  it('counts fields', () => {
    const decoder = new HpackDecoder(4096, { headBytesMax: 100_000, headersMax: 3 })
    assert.equal(decoder.decode(hex('82828282')), 0)
    assert.equal(decoder.isTooLarge, true)
    assert.equal(decoder.count, 3)
  })

  it('stops at a block that stands for far more than may be', () => {
    const decoder = new HpackDecoder(4096, { headBytesMax: 8192, headersMax: 1_000_000 })
    const value = 'v'.repeat(3000)
    const literal = `\x40\x01x${integer(0, 7, value.length)}${value}`
    assert.equal(decoder.decode(Buffer.from(literal + '\xbe'.repeat(100_000), 'latin1')), errorCode.enhanceYourCalm)
    assert.ok(decoder.count <= 3)
  })

  it('refuses one text longer than a whole list may be', () => {
    const decoder = new HpackDecoder(4096, { headBytesMax: 1000, headersMax: 100 })
    const value = 'v'.repeat(1001)
    assert.equal(decoder.decode(Buffer.from(`\0\x01x${integer(0, 7, value.length)}${value}`, 'latin1')), errorCode.compressionError)
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), (blocks) => {
        const decoder = new HpackDecoder(256, { headBytesMax: 500, headersMax: 20 })
        for (const block of blocks) assert.equal(typeof decoder.decode(Buffer.from(block)), 'number')
      }),
    )
  })
})

describe('the encoder', () => {
  const names = fc.constantFrom('x-a', 'x-b', 'content-type', 'date', 'set-cookie', 'etag', 'accept-encoding', 'authorization', 'x-long')
  const values = fc.oneof(fc.constantFrom('', '1', 'gzip, deflate', 'text/plain'), bytesText)
  const lists = fc.array(fc.tuple(names, values), { maxLength: 12 })

  it('is understood by the decoder, over many blocks and with tables of any size', () => {
    const step = fc.record({ list: lists, tableBytes: fc.option(fc.nat(5000), { nil: null }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.nat(5000), (steps, wanted) => {
        const encoder = new HpackEncoder(wanted)
        const decoder = new HpackDecoder(5000, roomy)
        for (const { list, tableBytes } of steps) {
          if (tableBytes !== null) encoder.allow(tableBytes)
          let block = encoder.start()
          for (const [name, value] of list) block += encoder.field(name, value)
          assert.equal(decoder.decode(Buffer.from(block, 'latin1')), 0)
          assert.deepEqual(fieldsOf(decoder), list)
        }
      }),
    )
  })

  it('sends what comes back as one byte', () => {
    const encoder = new HpackEncoder(4096)
    const lengths = [1, 2, 3].map(() => (encoder.field('content-type', 'text/plain') + encoder.field('x-powered-by', 'me')).length)
    assert.deepEqual(lengths[2], 2)
  })

  it('never puts secrets into a table', () => {
    const encoder = new HpackEncoder(4096)
    for (let round = 0; round < 3; round += 1) {
      assert.equal(encoder.field('authorization', 'Basic x').charCodeAt(0) & 0xf0, 0x10)
      assert.equal(encoder.field('set-cookie', 'a=b').charCodeAt(0) & 0xf0, 0x10)
    }
  })

  it('keeps a bounded number of names in mind', () => {
    const encoder = new HpackEncoder(4096)
    const decoder = new HpackDecoder(4096, roomy)
    for (let index = 0; index < 600; index += 1) {
      assert.equal(decoder.decode(Buffer.from(encoder.field(`x-${index}`, 'v') + encoder.field(`x-${index}`, 'v'), 'latin1')), 0)
      assert.equal(decoder.fields[1]?.key, `x-${index}`)
    }
  })

  it('knows every status', () => {
    const encoder = new HpackEncoder(4096)
    const decoder = new HpackDecoder(4096, roomy)
    for (let status = 100; status < 600; status += 1) {
      assert.equal(decoder.decode(Buffer.from(encoder.status(status), 'latin1')), 0)
      assert.equal(decoder.fields[0]?.value, String(status))
    }
  })
})

describe('fields', () => {
  for (const [key, value, kind] of [
    ['x-a', '1', fieldKind.regular],
    ['x_a', '', fieldKind.regular],
    ['X-a', '1', fieldKind.malformed],
    ['', '1', fieldKind.malformed],
    ['a b', '1', fieldKind.malformed],
    ['a:b', '1', fieldKind.malformed],
    [':unknown', '1', fieldKind.malformed],
    [':path', '/', fieldKind.path],
    ['x-a', 'a\r\nb', fieldKind.malformed],
    ['x-a', 'a\nb', fieldKind.malformed],
    ['x-a', 'a\0b', fieldKind.malformed],
    ['x-a', ' a', fieldKind.malformed],
    ['x-a', 'a\t', fieldKind.malformed],
    ['x-a', 'a\tb ü', fieldKind.regular],
    ['connection', 'close', fieldKind.malformed],
    ['keep-alive', 'x', fieldKind.malformed],
    ['proxy-connection', 'x', fieldKind.malformed],
    ['transfer-encoding', 'chunked', fieldKind.malformed],
    ['upgrade', 'h2c', fieldKind.malformed],
    ['te', 'trailers', fieldKind.regular],
    ['te', 'gzip', fieldKind.malformed],
  ] as const) {
    it(`${JSON.stringify(key)}: ${JSON.stringify(value)} is of kind ${kind}`, () => {
      assert.equal(new HpackField(key, value).kind, kind)
    })
  }

  it('are spelled as HTTP/1.1 has them', () => {
    assert.equal(canonicalName('x-forwarded-for'), 'X-Forwarded-For')
    assert.equal(canonicalName('te'), 'Te')
  })
})
