import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { PausedServer } from '../../../test/support/transport-pair.ts'
import { systemClock } from '../../std/clock.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import { acceptTransport, type TransportKind } from './choose.ts'
import { Tunnel } from './tunnel.ts'

/** What one end of a tunnel does: sends, in pieces, and goes. */
interface Script {
  readonly pieces: readonly number[]
  /** `end`: ends its direction and reads on; `close`: ends it, and reads nothing more; `reset`: breaks the connection. */
  readonly leaves: 'end' | 'close' | 'reset'
  /** Turns of the event loop before it begins, and between pieces. */
  readonly pause: number
}

const script: fc.Arbitrary<Script> = fc.record({
  pieces: fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 5000, max: 200_000 })), { maxLength: 6 }),
  leaves: fc.constantFrom('end', 'end', 'close', 'reset'),
  pause: fc.integer({ min: 0, max: 3 }),
})

/** One end: plays its script and keeps what it receives. */
class End {
  readonly #socket: Socket
  readonly #sent: Buffer[] = []
  readonly #received: Buffer[] = []
  readonly closed: Promise<void>
  hasEnded = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.allowHalfOpen = true
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => this.#received.push(chunk))
    socket.on('end', () => (this.hasEnded = true))
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.resume()
  }

  get sent(): Buffer {
    return Buffer.concat(this.#sent)
  }

  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  async play({ pieces, leaves, pause }: Script, seed: number): Promise<void> {
    let next = seed
    for (const length of pieces) {
      for (let turn = 0; turn < pause; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      const piece = Buffer.allocUnsafe(length)
      for (let index = 0; index < length; index += 1) piece[index] = next++ % 251
      this.#sent.push(piece)
      if (!this.#socket.destroyed) this.#socket.write(piece)
    }
    if (leaves === 'reset') this.#socket.resetAndDestroy()
    else if (leaves === 'end') this.#socket.end()
    else this.#socket.end(() => this.#socket.destroy())
  }
}

function run(kind: TransportKind): void {
  let server: PausedServer
  before(async () => (server = await PausedServer.listen()))
  after(() => server.close())

  it('delivers every byte in order, whoever leaves when', async () => {
    await fc.assert(
      fc.asyncProperty(script, script, async (one, other) => {
        const [nearOne, farOne] = await Promise.all([server.accept(), server.dial()])
        const [nearOther, farOther] = await Promise.all([server.accept(), server.dial()])
        const { promise: isOver, resolve } = Promise.withResolvers<void>()
        const options = { wheel: new TimerWheel(systemClock), idleMs: 0, onClose: () => resolve() }
        const tunnel = new Tunnel(acceptTransport(nearOne, kind), acceptTransport(nearOther, kind), options)
        const ends = [new End(farOne), new End(farOther)] as const
        await Promise.all([ends[0].play(one, 0), ends[1].play(other, 7)])
        await Promise.all([ends[0].closed, ends[1].closed, isOver])
        assert.ok(tunnel.bytesFromFirst <= ends[0].sent.length)
        for (const [from, to, sender, reader] of [
          [ends[0], ends[1], one, other],
          [ends[1], ends[0], other, one],
        ] as const) {
          const { sent } = from
          const { received } = to
          assert.ok(sent.subarray(0, received.length).equals(received), 'what arrives is what was sent, in order')
          // Whoever leaves in order is heard to the end by whoever stays.
          const isHeard = sender.leaves === 'end' || (sender.leaves === 'close' && reader.pieces.length === 0)
          if (isHeard && reader.leaves === 'end') assert.equal(received.length, sent.length, 'nothing is lost')
          if (to.hasEnded && sender.leaves !== 'reset') assert.equal(received.length, sent.length, 'an end stands behind the last byte')
        }
      }),
      { numRuns: 60 },
    )
  })
}

describe('Tunnel as a whole on handles', () => run('handle'))
describe('Tunnel as a whole on sockets', () => run('socket'))
