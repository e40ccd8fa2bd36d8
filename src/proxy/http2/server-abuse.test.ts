import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { echo, type RawClient } from '../../../test/support/http1-rig.ts'
import {
  codeOf,
  endsStream,
  FrameReader,
  hello,
  plainBlock,
  request,
  type SeenFrame,
  untilFrame,
} from '../../../test/support/http2-frames.ts'
import { Http2Rig, type Http2RigOptions } from '../../../test/support/http2-rig.ts'
import type { ManualClock } from '../../../test/support/manual-clock.ts'
import { AbuseLedger } from './abuse-ledger.ts'
import { errorCode } from './error-codes.ts'
import {
  clientPreface,
  frameFlag,
  frameHead,
  frameType,
  headersFrames,
  pingFrame,
  resetFrame,
  settingsAck,
  settingsFrame,
  windowUpdateFrame,
} from './frames.ts'
import { HeldBytes, type Holder } from './held-bytes.ts'
import { defaultFlowLimits } from './limits.ts'

async function withRig(
  options: Http2RigOptions,
  use: (rig: Http2Rig, client: RawClient, reader: FrameReader) => Promise<void>,
): Promise<void> {
  const rig = await Http2Rig.listen(echo, options)
  try {
    await use(rig, rig.client(), new FrameReader())
  } finally {
    rig.close()
  }
}

const isGoaway = (frame: SeenFrame): boolean => frame.type === frameType.goaway
const isReset = (frame: SeenFrame): boolean => frame.type === frameType.resetStream

function times(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join('')
}

describe('floods end the connection with ENHANCE_YOUR_CALM (R31)', () => {
  const floods: [string, string][] = [
    ['rapid reset', times(300, (index) => request(1 + index * 2, false) + resetFrame(1 + index * 2, errorCode.cancel))],
    ['resets that the server is provoked to', times(200, (index) => request(1 + index * 2, false) + windowUpdateFrame(1 + index * 2, 0))],
    ['malformed requests', times(200, (index) => request(1 + index * 2, true, ['Upper', 'x']))],
    ['empty DATA', request(1, false) + times(200, () => frameHead(0, frameType.data, 0, 1))],
    ['empty CONTINUATION', frameHead(0, frameType.headers, 0, 1) + times(200, () => frameHead(0, frameType.continuation, 0, 1))],
    [
      'CONTINUATION without end',
      frameHead(1, frameType.headers, 0, 1) + '\x82' + times(200, () => `${frameHead(1, frameType.continuation, 0, 1)}\x82`),
    ],
    ['SETTINGS', times(100, () => settingsFrame([]))],
    ['acknowledgements of SETTINGS', times(100, () => settingsAck)],
    ['PING', times(400, () => pingFrame('12345678', false))],
    ['PRIORITY', times(800, () => `${frameHead(5, frameType.priority, 0, 1)}\0\0\0\x03\x10`)],
    ['PRIORITY_UPDATE', times(800, () => `${frameHead(7, frameType.priorityUpdate, 0, 0)}\0\0\0\x01u=1`)],
    ['frames of unknown types', times(800, () => frameHead(0, 99, 0, 0))],
    ['WINDOW_UPDATE', times(2000, () => windowUpdateFrame(0, 1))],
    ['RST_STREAM for streams that are gone', request(1, true) + times(800, () => resetFrame(1, 0))],
    ['streams beyond what is allowed', times(2000, (index) => request(1 + index * 2, false))],
    [
      'a header bomb',
      headersFrames(
        1,
        `${plainBlock([
          [':method', 'GET'],
          [':scheme', 'http'],
          [':authority', 'a'],
          [':path', '/'],
        ])}\x40\x01x\x7f\xa1\x17${'v'.repeat(3000)}${'\xbe'.repeat(16_000)}`,
        true,
        16_384,
      ),
    ],
  ]
  for (const [name, text] of floods) {
    it(name, () =>
      withRig({ http2: { headBytesMax: 1_000_000 } }, async (rig, client, reader) => {
        rig.handler = (exchange) => exchange.body?.start({ onBodyChunk: () => {}, onBodyEnd: () => {}, onBodyError: () => {} })
        client.send(hello + text)
        assert.equal(codeOf(await untilFrame(client, reader, isGoaway)), errorCode.enhanceYourCalm)
        // Within the time that a connection lingers, however the client behaves.
        ;(rig.clock as ManualClock).advance(1000)
        await rig.until(() => rig.closed === 1)
        assert.deepEqual(rig.errors, [])
      }),
    )
  }

  it('but what is used in moderation comes back with time', () =>
    withRig({}, async (rig, client, reader) => {
      const clock = rig.clock as ManualClock
      client.send(hello)
      for (let round = 1; round <= 5; round += 1) {
        client.send(times(150, () => pingFrame('12345678', false)))
        const wanted = round * 150
        await client.until(() => reader.read(client.text).filter(({ type }) => type === frameType.ping).length === wanted)
        clock.advance(4000)
      }
      assert.equal(reader.frames.some(isGoaway), false)
    }))

  it('and clients that measure a busy line may ping as often as they get something', () =>
    withRig({}, async (rig, client, reader) => {
      rig.handler = echo
      client.send(hello)
      for (let round = 0; round < 10; round += 1) {
        client.send(times(100, (index) => request(1 + (round * 100 + index) * 2, true) + pingFrame('12345678', false)))
        const wanted = (round + 1) * 100
        await client.until(() => reader.read(client.text).filter(endsStream).length === wanted)
      }
      assert.equal(reader.frames.some(isGoaway), false)
    }))
})

describe('an address', () => {
  it('that goes on with new connections is sent away, until time has passed (R31)', () =>
    withRig({ http2: { ledger: new AbuseLedger({ burst: 3, perSecond: 1 }) } }, async (rig, client) => {
      const clock = rig.clock as ManualClock
      client.socket.destroy()
      async function flood(): Promise<number> {
        const flooding = rig.client()
        flooding.send(hello + times(100, () => settingsFrame([])))
        const reader = new FrameReader()
        const frame = await untilFrame(flooding, reader, isGoaway)
        return codeOf(frame)
      }
      async function ask(): Promise<boolean> {
        const asking = rig.client()
        asking.send(hello + request(1, true))
        const reader = new FrameReader()
        const frame = await untilFrame(asking, reader, (each) => isGoaway(each) || endsStream(each))
        return !isGoaway(frame)
      }
      for (let round = 0; round < 4; round += 1) {
        assert.equal(await ask(), true)
        assert.equal(await flood(), errorCode.enhanceYourCalm)
      }
      assert.equal(await ask(), false)
      clock.advance(3000)
      assert.equal(await ask(), true)
    }))
})

describe('an address that speaks for others', () => {
  it('is never sent away, however many of them ask too much (R31)', () =>
    withRig(
      { http2: { ledger: new AbuseLedger({ burst: 1, perSecond: 1 }), forwarders: { contains: (ip) => ip === '127.0.0.1' } } },
      async (rig, client) => {
        client.socket.destroy()
        for (let round = 0; round < 4; round += 1) {
          const flooding = rig.client()
          flooding.send(hello + times(100, () => settingsFrame([])))
          assert.equal(codeOf(await untilFrame(flooding, new FrameReader(), isGoaway)), errorCode.enhanceYourCalm)
        }
        const asking = rig.client()
        asking.send(hello + request(1, true))
        const frame = await untilFrame(asking, new FrameReader(), (each) => isGoaway(each) || endsStream(each))
        assert.equal(isGoaway(frame), false)
      },
    ))
})

describe('after GOAWAY', () => {
  it('no more input is processed (R33)', () =>
    withRig({}, async (rig, client, reader) => {
      client.send(`${hello}${frameHead(0, frameType.data, 0, 0)}${request(1, true)}`)
      assert.equal(codeOf(await untilFrame(client, reader, isGoaway)), errorCode.protocolError)
      client.send(request(3, true))
      ;(rig.clock as ManualClock).advance(1000)
      await rig.until(() => rig.closed === 1)
      assert.equal(rig.exchanges.length, 0)
    }))

  it('a client that does not speak HTTP/2 is let go', () =>
    withRig({}, async (rig, client, reader) => {
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      assert.equal(codeOf(await untilFrame(client, reader, isGoaway)), errorCode.protocolError)
      assert.equal(rig.exchanges.length, 0)
    }))
})

describe('requests that two parties could read in two ways are refused (R4)', () => {
  const sound: [string, string][] = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':authority', 'a'],
    [':path', '/'],
  ]
  const without = (name: string): [string, string][] => sound.filter(([key]) => key !== name)
  const instead = (name: string, value: string): [string, string][] => sound.map(([key, old]) => [key, key === name ? value : old])
  const malformed: [string, [string, string][]][] = [
    ['a line break in a value', [...sound, ['x', 'a\r\nb: c']]],
    ['a line feed in a value', [...sound, ['x', 'a\nb']]],
    ['a NUL in a value', [...sound, ['x', 'a\0b']]],
    ['a colon in a name', [...sound, ['x:y', '1']]],
    ['a space in a name', [...sound, ['x y', '1']]],
    ['a line break in a name', [...sound, ['x\r\ny', '1']]],
    ['no name', [...sound, ['', '1']]],
    ['upper case', [...sound, ['X', '1']]],
    ['Connection', [...sound, ['connection', 'close']]],
    ['Transfer-Encoding', [...sound, ['transfer-encoding', 'chunked']]],
    ['Upgrade', [...sound, ['upgrade', 'websocket']]],
    ['Keep-Alive', [...sound, ['keep-alive', '5']]],
    ['Proxy-Connection', [...sound, ['proxy-connection', 'x']]],
    ['TE other than trailers', [...sound, ['te', 'gzip']]],
    ['a late pseudo-field', [['x', '1'], ...sound]],
    ['two paths', [...sound, [':path', '/b']]],
    ['two authorities', [...sound, [':authority', 'b']]],
    ['an unknown pseudo-field', [...sound, [':x', '1']]],
    ['a status', [...sound, [':status', '200']]],
    ['no method', without(':method')],
    ['no scheme', without(':scheme')],
    ['no path', without(':path')],
    ['an empty path', instead(':path', '')],
    ['a path without slash', instead(':path', 'x')],
    ['an absolute path', instead(':path', 'http://b/')],
    ['a space in the path', instead(':path', '/a HTTP/1.1')],
    ['a line break in the path', instead(':path', '/a\r\nb')],
    ['a star without OPTIONS', instead(':path', '*')],
    ['a method that is no token', instead(':method', 'GET /x')],
    ['another scheme', instead(':scheme', 'ftp')],
    ['user information', instead(':authority', 'u@a')],
    ['a slash in the authority', instead(':authority', 'a/b')],
    ['CONNECT with a path', instead(':method', 'CONNECT')],
    ['CONNECT without authority', [[':method', 'CONNECT']]],
    ['an extended CONNECT that was not offered', [...instead(':method', 'CONNECT'), [':protocol', 'websocket']]],
    ['a Content-Length with a sign', [...sound, ['content-length', '+1']]],
    ['two different Content-Lengths', [...sound, ['content-length', '1'], ['content-length', '2']]],
    ['a Content-Length without a body', [...sound, ['content-length', '5']]],
  ]
  for (const [name, fields] of malformed) {
    it(name, () =>
      withRig({}, async (rig, client, reader) => {
        client.send(hello + headersFrames(1, plainBlock(fields), true, 16_384))
        assert.equal(codeOf(await untilFrame(client, reader, isReset)), errorCode.protocolError)
        assert.equal(rig.exchanges.length, 0)
        client.send(request(3, true))
        await untilFrame(client, reader, (frame) => frame.streamId === 3 && endsStream(frame))
      }),
    )
  }

  it('no host at all and two of them are answered with 400', () =>
    withRig({}, async (_rig, client, reader) => {
      client.send(
        hello +
          headersFrames(1, plainBlock(without(':authority')), true, 16_384) +
          headersFrames(3, plainBlock([...without(':authority'), ['host', 'a'], ['host', 'b']]), true, 16_384),
      )
      for (const streamId of [1, 3]) {
        const { fields } = await untilFrame(client, reader, (frame) => frame.type === frameType.headers && frame.streamId === streamId)
        assert.deepEqual(fields[0], [':status', '400'])
      }
    }))

  for (const [name, length, frames] of [
    ['more', '3', `${frameHead(5, frameType.data, frameFlag.endStream, 1)}hello`],
    ['less', '9', `${frameHead(5, frameType.data, frameFlag.endStream, 1)}hello`],
    ['none', '9', frameHead(0, frameType.data, frameFlag.endStream, 1)],
    ['less, with trailers', '9', headersFrames(1, plainBlock([['x', '1']]), true, 16_384)],
  ] as const) {
    it(`a body of ${name} than Content-Length says`, () =>
      withRig({}, async (rig, client, reader) => {
        client.send(hello + request(1, false, ['content-length', length]) + frames)
        assert.equal(codeOf(await untilFrame(client, reader, isReset)), errorCode.protocolError)
        await rig.until(() => rig.finished.length === 1)
        assert.equal(rig.finished[0]?.reason, 'bad_request')
      }))
  }

  it('a header list over the limit is answered with 431', () =>
    withRig({ http2: { headBytesMax: 1000 } }, async (rig, client, reader) => {
      client.send(hello + request(1, true, ['x-a', 'v'.repeat(600)], ['x-b', 'v'.repeat(600)]) + request(3, true))
      const { fields } = await untilFrame(client, reader, (frame) => frame.type === frameType.headers)
      assert.deepEqual(fields[0], [':status', '431'])
      await rig.until(() => rig.finished.length === 1)
    }))
})

describe('clients that are slow or do not read', () => {
  it('are limited in what they hold of answers', async () => {
    const rig = await Http2Rig.listen((exchange) => {
      exchange.status = 200
      exchange.producer = { onDrain: () => {}, onAbort: () => {} }
      exchange.startResponse()
      exchange.sink.write(exchange, Buffer.alloc(100_000))
    })
    const client = rig.client()
    client.send(clientPreface + settingsFrame([[4, 0]]) + times(20, (index) => request(1 + index * 2, true)))
    await rig.until(() => rig.exchanges.length === 20)
    const session = rig.connections[0]?.session
    assert.equal(session?.heldBytes, 20 * 100_000)
    client.send(times(10, (index) => resetFrame(1 + index * 2, 8)))
    await rig.until(() => rig.finished.length === 10)
    assert.equal(session.heldBytes, 10 * 100_000)
    client.socket.destroy()
    await rig.until(() => rig.closed === 1)
    assert.equal(session.heldBytes, 0)
    rig.close()
  })

  it('and the one that holds most goes when all hold too much (R32)', () => {
    const held = new HeldBytes(1000)
    const holders = [300, 500, 100].map((bytes) => new TestHolder(held, bytes))
    assert.equal(held.bytes, 900)
    holders[2]?.add(150)
    assert.deepEqual(
      holders.map(({ heldBytes, isShed }) => [heldBytes, isShed]),
      [
        [300, false],
        [0, true],
        [250, false],
      ],
    )
    assert.equal(held.bytes, 550)
  })

  it('may not send more than the window of a stream, or of the connection', async () => {
    const flow = { ...defaultFlowLimits, streamWindowBytes: 20_000, connectionWindowBytes: 65_535 }
    const part = (streamId: number): string => frameHead(10_000, frameType.data, 0, streamId) + 'x'.repeat(10_000)
    await withRig({ http2: { flow } }, async (rig, client, reader) => {
      rig.handler = () => {}
      client.send(hello + request(1, false) + part(1) + part(1) + part(1))
      assert.equal(codeOf(await untilFrame(client, reader, isReset)), errorCode.flowControlError)
      client.send(times(4, (index) => request(3 + index * 2, false) + part(3 + index * 2)) + part(3) + part(5) + part(7))
      assert.equal(codeOf(await untilFrame(client, reader, isGoaway)), errorCode.flowControlError)
    })
  })

  for (const [name, text, timeouts] of [
    ['says nothing', '', { headMs: 1000 }],
    ['stops within its preface', 'PRI * HT', { headMs: 1000 }],
    ['sends no request', hello, { idleMs: 1000 }],
    ['stops within a frame', hello + request(1, true).slice(0, 12), { headMs: 1000 }],
    ['stops within a field block', `${hello}${frameHead(1, frameType.headers, 0, 1)}\x82`, { headMs: 1000 }],
  ] as const) {
    it(`a client that ${name} is let go in time`, () =>
      withRig({ timeouts }, async (rig, client, reader) => {
        client.send(text)
        await rig.until(() => rig.connections.length === 1)
        if (text.startsWith(hello)) await untilFrame(client, reader, (frame) => frame.type === frameType.settings && frame.flags === 1)
        const clock = rig.clock as ManualClock
        for (let step = 0; step < 6 && !client.ended && !client.closed; step += 1) {
          clock.advance(600)
          await new Promise((resolve) => setImmediate(resolve))
        }
        await rig.until(() => rig.closed === 1)
        assert.equal(rig.exchanges.length, 0)
      }))
  }

  it('a body that stops is answered with 408', () =>
    withRig({ timeouts: { bodyIdleMs: 1000 } }, async (rig, client, reader) => {
      client.send(hello + request(1, false))
      await rig.until(() => rig.exchanges.length === 1)
      ;(rig.clock as ManualClock).advance(1100)
      const { fields } = await untilFrame(client, reader, (frame) => frame.type === frameType.headers)
      assert.deepEqual(fields[0], [':status', '408'])
      await rig.until(() => rig.finished.length === 1)
      assert.equal(rig.finished[0]?.reason, 'request_timeout')
    }))

  it('an answer that takes too long is cut', () =>
    withRig({ timeouts: { writeMs: 1000 } }, async (rig, client, reader) => {
      rig.handler = () => {}
      client.send(hello + request(1, true))
      await rig.until(() => rig.exchanges.length === 1)
      ;(rig.clock as ManualClock).advance(1100)
      await untilFrame(client, reader, isReset)
      await rig.until(() => rig.finished.length === 1)
    }))
})

describe('priorities (RFC 9218)', () => {
  it('say what is sent first when the window opens', async () => {
    const rig = await Http2Rig.listen((exchange) => {
      exchange.status = 200
      exchange.producer = { onDrain: () => {}, onAbort: () => {} }
      exchange.startResponse()
      exchange.sink.write(exchange, Buffer.alloc(30_000))
      exchange.sink.end(exchange)
    })
    const client = rig.client()
    const reader = new FrameReader()
    // The windows of streams are wide, that of the connection is used up by the first answers.
    client.send(
      clientPreface +
        settingsFrame([[4, 1_000_000]]) +
        request(1, true) +
        request(3, true) +
        request(5, true, ['priority', 'u=5']) +
        request(7, true, ['priority', 'u=6']) +
        request(9, true, ['priority', 'u=1']) +
        `${frameHead(7, frameType.priorityUpdate, 0, 0)}\0\0\0\x07u=0`,
    )
    await rig.until(() => rig.exchanges.length === 5)
    client.send(windowUpdateFrame(0, 1_000_000))
    await client.until(() => reader.read(client.text).filter(endsStream).length === 5)
    assert.deepEqual(
      reader.frames.filter(endsStream).map(({ streamId }) => streamId),
      [1, 3, 7, 9, 5],
    )
    rig.close()
  })
})

class TestHolder implements Holder {
  heldBytes = 0
  isShed = false
  readonly #held: HeldBytes

  constructor(held: HeldBytes, bytes: number) {
    this.#held = held
    this.add(bytes)
  }

  add(bytes: number): void {
    this.heldBytes += bytes
    this.#held.add(this, bytes)
  }

  shed(): void {
    this.isShed = true
    const { heldBytes } = this
    this.heldBytes = 0
    this.#held.remove(this, heldBytes)
  }
}
