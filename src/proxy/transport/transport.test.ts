import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PausedServer, RecordingOwner, transportPair, type TransportPair } from '../../../test/support/transport-pair.ts'
import { acceptTransport, type TransportKind } from './choose.ts'
import { HandleTransport } from './handle-transport.ts'
import { longBufferCount, longBuffersMax, sharedBytes } from './read-buffers.ts'
import { SocketTransport } from './socket-transport.ts'
import { streamBinding, streamHandleOf } from './stream-binding.ts'

/** Bytes whose place can be told from their value. */
function pattern(length: number, seed = 0): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >> 8) * 7 + seed) & 255
  return bytes
}

/** Resolves after what is due in this turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const kinds: { name: string; kind: TransportKind; unix: boolean; isTls?: boolean }[] = [
  { name: 'handles over TCP', kind: 'handle', unix: false },
  { name: 'sockets over TCP', kind: 'socket', unix: false },
  { name: 'handles over Unix sockets', kind: 'handle', unix: true },
  { name: 'sockets over Unix sockets', kind: 'socket', unix: true },
  { name: 'handles over TLS', kind: 'handle', unix: false, isTls: true },
  { name: 'sockets over TLS', kind: 'socket', unix: false, isTls: true },
]

for (const { name, kind, unix, isTls = false } of kinds) {
  describe(`Transport on ${name}`, () => {
    let server: PausedServer
    let folder: string
    const pairs: TransportPair[] = []

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'transport-'))
      server = await PausedServer.listen(unix ? join(folder, 'socket') : undefined)
    })
    after(() => {
      for (const { near, far } of pairs) {
        near.destroy()
        far.destroy()
      }
      server.close()
      rmSync(folder, { recursive: true })
    })

    async function connected(): Promise<TransportPair> {
      const pair = await transportPair(server, kind, isTls)
      pairs.push(pair)
      return pair
    }

    it('is of its kind and knows its addresses', async () => {
      const { near, far } = await connected()
      assert.equal(near instanceof HandleTransport, kind === 'handle')
      assert.equal(far instanceof HandleTransport, kind === 'handle')
      if (unix) {
        assert.deepEqual([near.remoteAddress, near.remotePort], ['', 0])
      } else {
        assert.deepEqual([near.remoteAddress, near.remotePort], ['127.0.0.1', far.localPort])
        assert.deepEqual([far.remoteAddress, far.remotePort], ['127.0.0.1', near.localPort])
      }
    })

    it('keeps the order of texts and bytes of all sizes, in and out of events', async () => {
      const { near, far, nearOwner, farOwner } = await connected()
      const sizes = [1, 10, 8191, 8192, 8193, 16_384, 65_536, 65_537, 300_000]
      const write = (seed: number): Buffer => {
        const parts: Buffer[] = []
        for (const size of sizes) {
          const bytes = pattern(size, seed + size)
          near.writeText(`<${size}`)
          near.write(bytes)
          near.writeText('>')
          parts.push(Buffer.from(`<${size}`), bytes, Buffer.from('>'))
        }
        return Buffer.concat(parts)
      }
      let sent = write(1)
      far.writeText('now')
      nearOwner.onChunk = () => {
        sent = Buffer.concat([sent, write(2)])
        near.end()
      }
      await farOwner.until(() => farOwner.ended)
      assert.equal(farOwner.bytes, sent.length)
      assert.ok(Buffer.concat(farOwner.chunks).equals(sent))
    })

    it('echoes chunks that are written as they came, while the peer takes nothing for a while', async () => {
      const { near, far, nearOwner, farOwner } = await connected()
      nearOwner.keeps = false
      nearOwner.onChunk = (chunk) => {
        // Before, between and behind, so that all three ways of queueing meet a write under way.
        near.writeText('[')
        near.write(chunk)
        near.writeText(']')
        if (near.writePending) near.pauseReading()
      }
      nearOwner.onDrained = () => near.resumeReading()
      far.pauseReading()
      const sent = pattern(6_000_000)
      far.write(sent)
      await nearOwner.until(() => near.writePending)
      far.resumeReading()
      const echoed = (): number => farOwner.bytes
      await farOwner.until(() => echoed() >= sent.length + 2)
      far.end()
      await nearOwner.until(() => nearOwner.ended)
      near.end()
      await farOwner.until(() => farOwner.closed)
      // Brackets stand where reads happened to begin: taken out by walking along what was sent.
      let place = 0
      for (const byte of Buffer.concat(farOwner.chunks)) {
        if (byte === sent[place]) place += 1
        else assert.ok(byte === 0x5b || byte === 0x5d, `byte ${byte} at ${place}`)
      }
      assert.equal(place, sent.length)
    })

    it('does not mix bytes when chunks in long buffers wait for a slow peer and nobody pauses', async () => {
      const { near, far, nearOwner } = await connected()
      const other = await connected()
      nearOwner.keeps = false
      near.expectLongRead(true)
      nearOwner.onChunk = (chunk) => other.near.write(chunk)
      other.far.pauseReading()
      const sent = pattern(8_000_000, 3)
      far.write(sent)
      await nearOwner.until(() => nearOwner.bytes === sent.length)
      other.far.resumeReading()
      await other.farOwner.until(() => other.farOwner.bytes === sent.length)
      assert.ok(Buffer.concat(other.farOwner.chunks).equals(sent))
    })

    it('tells of back-pressure once the peer takes no more, and when it does again', async () => {
      const { near, far, nearOwner, farOwner } = await connected()
      far.pauseReading()
      farOwner.keeps = false
      let written = 0
      const chunk = pattern(100_000)
      // A socket says so for a moment after every large write; a write that stays is one that the system does not take.
      do {
        near.write(chunk)
        written += chunk.length
        assert.ok(written < 64_000_000)
        await nextTurn()
        await nextTurn()
      } while (!near.writePending)
      const drains = nearOwner.drains
      far.resumeReading()
      await nearOwner.until(() => nearOwner.drains > drains)
      assert.equal(near.writePending, false)
      near.end()
      await farOwner.until(() => farOwner.ended)
      assert.equal(farOwner.bytes, written)
      assert.equal(nearOwner.drains, drains + 1)
    })

    it('stops reading when asked, at once and for good', async () => {
      const { near, far, nearOwner } = await connected()
      nearOwner.onChunk = () => near.pauseReading()
      far.writeText('a')
      await nearOwner.until(() => nearOwner.bytes === 1)
      far.writeText('b')
      await nextTurn()
      await nextTurn()
      assert.equal(nearOwner.text, 'a')
      nearOwner.onChunk = null
      near.resumeReading()
      await nearOwner.until(() => nearOwner.bytes === 2)
      assert.equal(nearOwner.text, 'ab')
    })

    it('ends one direction and goes on with the other', async () => {
      const { near, far, nearOwner, farOwner } = await connected()
      far.writeText('question')
      far.end()
      await nearOwner.until(() => nearOwner.ended)
      assert.equal(nearOwner.text, 'question')
      await nextTurn()
      assert.equal(nearOwner.closed, false)
      near.write(pattern(200_000))
      near.end()
      await farOwner.until(() => farOwner.closed)
      await nearOwner.until(() => nearOwner.closed)
      assert.equal(farOwner.bytes, 200_000)
      assert.deepEqual([nearOwner.error, farOwner.error], [undefined, undefined])
      assert.equal(farOwner.calls.at(-2), 'end')
      assert.equal(farOwner.calls.at(-1), 'close')
    })

    it('sends what waits before it ends', async () => {
      const { near, far, farOwner } = await connected()
      farOwner.keeps = false
      far.pauseReading()
      near.write(pattern(9_000_000))
      near.writeText('last')
      near.end()
      near.writeText('too late')
      await nextTurn()
      far.resumeReading()
      await farOwner.until(() => farOwner.ended)
      assert.equal(farOwner.bytes, 9_000_004)
    })

    it('closes at once, also with a write under way, and tells once', async () => {
      const { near, far, nearOwner, farOwner } = await connected()
      far.pauseReading()
      near.write(pattern(9_000_000))
      await nextTurn()
      assert.equal(near.writePending, true)
      near.destroy()
      near.destroy()
      assert.equal(near.destroyed, true)
      assert.equal(nearOwner.closed, false)
      near.writeText('nothing')
      near.write(pattern(100_000))
      near.end()
      near.resumeReading()
      await nearOwner.until(() => nearOwner.closed)
      assert.equal(nearOwner.error, undefined)
      far.resumeReading()
      await farOwner.until(() => farOwner.ended || farOwner.closed)
      assert.equal(nearOwner.calls.filter((call) => call === 'close').length, 1)
    })

    it('may be closed from within an event', async () => {
      const { near, far, nearOwner } = await connected()
      nearOwner.onChunk = () => {
        near.writeText('unsent')
        near.destroy()
      }
      far.writeText('x')
      far.writeText('y')
      await nearOwner.until(() => nearOwner.closed)
      assert.equal(nearOwner.calls.filter((call) => call === 'data').length, 1)
    })

    // A connection below TLS cannot be reset from here.
    if (!unix && !isTls) {
      it('tells of a reset as an error', async () => {
        const { near, far, nearOwner } = await connected()
        far.destroy(true)
        await nearOwner.until(() => nearOwner.closed)
        assert.equal(nearOwner.error?.code, 'ECONNRESET')
        assert.equal(near.destroyed, true)
      })
    }

    it('tells of a peer that is gone when it writes', async () => {
      const { near, far, nearOwner, farOwner } = await connected()
      far.destroy()
      await farOwner.until(() => farOwner.closed)
      await nearOwner.until(() => nearOwner.ended || nearOwner.closed)
      nearOwner.onDrained = () => near.write(pattern(1_000_000))
      while (!near.destroyed) {
        near.write(pattern(100_000))
        await nextTurn()
      }
      await nearOwner.until(() => nearOwner.closed)
      assert.match(nearOwner.error?.code ?? '', /EPIPE|ECONNRESET/)
    })

    it('goes to another owner', async () => {
      const { near, far, nearOwner } = await connected()
      far.writeText('one')
      await nearOwner.until(() => nearOwner.bytes === 3)
      const second = new RecordingOwner()
      near.start(second)
      far.writeText('two')
      await second.until(() => second.bytes === 3)
      assert.equal(nearOwner.text, 'one')
      far.end()
      await second.until(() => second.ended)
      near.end()
      await second.until(() => second.closed)
      assert.equal(nearOwner.closed, false)
    })

    it('is told of a connection that closed before it was started', async () => {
      const [nearSocket, farSocket] = await Promise.all([server.accept(), server.dial()])
      const near = acceptTransport(nearSocket, kind)
      farSocket.destroy()
      nearSocket.destroy()
      await nextTurn()
      await nextTurn()
      const owner = new RecordingOwner()
      near.start(owner)
      await owner.until(() => owner.closed)
      assert.deepEqual(owner.calls, ['close'])
    })

    it('sends head and small body, and all else of an event, in one write', async () => {
      const { near, far, nearOwner, farOwner, nearSocket } = await connected()
      const writes = countWrites(nearSocket)
      nearOwner.onChunk = () => {
        near.writeText('head')
        near.write(Buffer.from('small body'))
        near.writeText('tail')
      }
      far.writeText('x')
      await farOwner.until(() => farOwner.bytes === 18)
      assert.equal(writes.count, 1)
      nearOwner.onChunk = () => {
        near.writeText('head')
        near.write(pattern(40_000))
        near.writeText('tail')
      }
      far.writeText('x')
      await farOwner.until(() => farOwner.bytes === 18 + 40_008)
      assert.equal(writes.count, 2)
      // Outside of an event: with the next microtask.
      near.writeText('one')
      near.writeText('two')
      await farOwner.until(() => farOwner.bytes === 18 + 40_008 + 6)
      assert.equal(writes.count, 3)
    })

    it('sends what an event of one connection wrote to others when that event is over', async () => {
      const { far, nearOwner } = await connected()
      const others = [await connected(), await connected()]
      const counts = others.map(({ nearSocket }) => countWrites(nearSocket))
      nearOwner.onChunk = (chunk) => {
        for (const { near } of others) {
          near.writeText('<')
          near.write(chunk)
          near.writeText('>')
        }
      }
      far.writeText('abc')
      for (const { farOwner } of others) {
        await farOwner.until(() => farOwner.bytes === 5)
        assert.equal(farOwner.text, '<abc>')
      }
      assert.deepEqual(
        counts.map(({ count }) => count),
        [1, 1],
      )
    })
  })
}

/** Counts the writes of a socket's handle. */
function countWrites(socket: object): { count: number } {
  const writes = { count: 0 }
  const handle: object = Reflect.get(socket, '_handle')
  for (const name of ['writeLatin1String', 'writeBuffer', 'writev']) {
    const original: (...all: unknown[]) => unknown = Reflect.get(handle, name)
    Reflect.set(handle, name, function (this: unknown, ...all: unknown[]) {
      writes.count += 1
      return original.apply(this, all)
    })
  }
  return writes
}

describe('Transports of this process', () => {
  it('are handles on this Node, and checked as such', () => {
    assert.notEqual(streamBinding, null)
  })

  it('give way to sockets for what is no plain connection that was not read from', async () => {
    const server = await PausedServer.listen()
    const [near, far] = await Promise.all([server.accept(), server.dial()])
    assert.notEqual(streamHandleOf(near), null)
    far.write('read by somebody else')
    await new Promise((resolve) => near.once('readable', resolve))
    assert.equal(streamHandleOf(near), null)
    const transport = acceptTransport(near)
    assert.ok(transport instanceof SocketTransport)
    const owner = new RecordingOwner()
    transport.start(owner)
    await owner.until(() => owner.bytes === 21)
    assert.equal(owner.text, 'read by somebody else')
    near.destroy()
    far.destroy()
    server.close()
  })

  it('bound the memory of slow readers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'transport-'))
    // The system itself holds little for Unix sockets.
    const server = await PausedServer.listen(join(folder, 'socket'))
    const pairs: TransportPair[] = []
    const data = Buffer.alloc(2_000_000)
    for (let index = 0; index < longBuffersMax + 4; index += 1) {
      const source = await transportPair(server, 'handle')
      const sink = await transportPair(server, 'handle')
      pairs.push(source, sink)
      source.nearOwner.keeps = false
      source.near.expectLongRead(true)
      source.nearOwner.onChunk = (chunk) => {
        sink.near.write(chunk)
        if (sink.near.writePending) source.near.pauseReading()
      }
      sink.far.pauseReading()
      source.far.write(data)
    }
    const sinks = pairs.filter((_, index) => index % 2 === 1)
    await Promise.all(sinks.map(async ({ near, nearOwner }) => (nearOwner.closed ? undefined : pendingOf(near))))
    assert.ok(longBufferCount() <= longBuffersMax, `${longBufferCount()}`)
    for (const { near, far } of pairs) {
      near.destroy()
      far.destroy()
    }
    await Promise.all(pairs.map(({ nearOwner }) => nearOwner.until(() => nearOwner.closed)))
    await nextTurn()
    assert.ok(longBufferCount() <= 8, `${longBufferCount()}`)
    server.close()
    rmSync(folder, { recursive: true })
  })

  it('read small chunks into memory that all share', async () => {
    const server = await PausedServer.listen()
    const pair = await transportPair(server, 'handle')
    const memory = new Set<ArrayBufferLike>()
    pair.nearOwner.onChunk = (chunk) => memory.add(chunk.buffer)
    pair.farOwner.onChunk = (chunk) => memory.add(chunk.buffer)
    pair.near.writeText('a')
    pair.far.writeText('b')
    await pair.nearOwner.until(() => pair.nearOwner.bytes === 1)
    await pair.farOwner.until(() => pair.farOwner.bytes === 1)
    assert.equal(memory.size, 1)
    assert.equal([...memory][0]!.byteLength, sharedBytes)
    pair.near.destroy()
    pair.far.destroy()
    server.close()
  })
})

async function pendingOf(transport: { readonly writePending: boolean }): Promise<void> {
  while (!transport.writePending) await nextTurn()
}
