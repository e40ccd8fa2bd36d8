import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { until } from '../../../../../test/support/until.ts'
import { type NotingSink, testExchange } from '../../../../../test/support/upstream-rig.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { HeaderList } from '../../../http/header-list.ts'
import type { Reason } from '../../../http/reasons.ts'
import { CompressingSink } from './compressing-sink.ts'
import { encodingOf } from './encoders.ts'

const decode = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync } as const
type Name = keyof typeof decode

interface Begun {
  readonly exchange: Exchange
  readonly sink: NotingSink
  /** What the producer was told. */
  readonly told: string[]
}

/** Begins an answer of this length through a compressing sink, with a producer that notes what it is told. */
function begin(name: Name, length: number, fields: readonly (readonly [string, string])[] = []): Begun {
  const { exchange, sink } = testExchange()
  const compressing = new CompressingSink(sink, encodingOf(name), { admits: () => true, weakensEtags: true })
  exchange.sink = compressing
  exchange.addResponseHook(compressing)
  const told: string[] = []
  exchange.producer = { onDrain: () => told.push('drain'), onAbort: (reason: Reason) => told.push(`abort ${reason}`) }
  exchange.status = 200
  exchange.responseLength = length
  for (const [field, value] of fields) exchange.responseHeaders.add(field, value)
  exchange.startResponse()
  return { exchange, sink, told }
}

const bodyOf = (name: Name, sink: NotingSink): Buffer => decode[name](Buffer.from(sink.body, 'latin1'))
const wholeOf = (sink: NotingSink): Promise<boolean> => until('the end', () => sink.ended || undefined)

for (const name of ['gzip', 'br', 'zstd'] as const) {
  describe(`an answer in ${name}`, () => {
    it('that is short leaves in one piece, with its length', () => {
      const { exchange, sink } = begin(name, 4000, [
        ['Vary', 'Origin'],
        ['ETag', '"a"'],
      ])
      exchange.sink.write(exchange, Buffer.alloc(3000, 'a'))
      exchange.sink.writeText(exchange, 'b'.repeat(1000))
      assert.equal(sink.bytes, 0)
      exchange.sink.end(exchange)
      assert.deepEqual([sink.ended, sink.length, sink.header('content-encoding'), sink.header('etag')], [true, sink.bytes, name, 'W/"a"'])
      assert.deepEqual(
        sink.headers.filter(([field]) => field === 'Vary').map(([, value]) => value),
        ['Accept-Encoding', 'Origin'],
      )
      assert.equal(bodyOf(name, sink).toString(), 'a'.repeat(3000) + 'b'.repeat(1000))
    })

    it('that is streamed is never held back', async () => {
      const { exchange, sink } = begin(name, -1)
      exchange.sink.write(exchange, Buffer.from('data: one\n\n'))
      await until('the first event', () => sink.bytes > (name === 'gzip' ? 10 : 0) || undefined)
      assert.equal(sink.length, -1)
      exchange.sink.write(exchange, Buffer.from('data: two\n\n'))
      exchange.responseTrailers = new HeaderList()
      exchange.responseTrailers.add('X-T', '1')
      exchange.sink.end(exchange)
      await wholeOf(sink)
      assert.equal(bodyOf(name, sink).toString(), 'data: one\n\ndata: two\n\n')
      assert.deepEqual(sink.trailers, [['X-T', '1']])
    })

    it('that is long waits for the client', async () => {
      const { exchange, sink, told } = begin(name, 40 * 65_536)
      sink.roomBytes = 0
      const random = Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * index * 7919) >> 5))
      let written = 0
      while (written < 40 && exchange.sink.write(exchange, random)) written += 1
      assert.ok(written < 40)
      written += 1
      sink.roomBytes = Number.POSITIVE_INFINITY
      exchange.producer?.onDrain()
      for (; written < 40; written += 1) {
        await until('the producer to be asked for more', () => told.includes('drain') || undefined)
        told.length = 0
        while (written < 40 && exchange.sink.write(exchange, random)) written += 1
      }
      exchange.sink.end(exchange)
      await wholeOf(sink)
      assert.equal(bodyOf(name, sink).length, 40 * 65_536)
    })

    it('stops with its client', async () => {
      const { exchange, sink, told } = begin(name, -1)
      exchange.sink.write(exchange, Buffer.from('data: one\n\n'))
      exchange.abort('client_gone')
      const { bytes } = sink
      await new Promise<void>((resolve) => setImmediate(resolve))
      assert.deepEqual([told, sink.bytes], [['abort client_gone'], bytes])
    })

    it('that breaks off is cut, so that the client notices', () => {
      for (const length of [100, 1_000_000, -1]) {
        const { exchange, sink } = begin(name, length)
        exchange.sink.write(exchange, Buffer.from('begin'))
        exchange.sink.abort(exchange, 'upstream_cut')
        assert.deepEqual([sink.calls[0], sink.abortedBy, sink.ended], ['head', 'upstream_cut', false])
      }
    })

    it('that is longer than it said is no more than that', () => {
      const { exchange, sink } = begin(name, 10)
      exchange.sink.write(exchange, Buffer.alloc(11))
      assert.deepEqual([sink.abortedBy, sink.ended], ['internal_error', false])
    })
  })
}
