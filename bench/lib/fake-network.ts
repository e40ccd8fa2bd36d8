/**
 * Sockets without a kernel: stand-ins for Node's stream handles, which the real transports take for theirs. What they are given to write is put
 * into memory as Node does before its system call, so that joining the pieces of a text is paid for.
 */
import { EventEmitter } from 'node:events'
import net, { type Socket } from 'node:net'
import { type StreamHandle, streamBinding } from '../../src/proxy/transport/stream-binding.ts'

const scratch = Buffer.allocUnsafeSlow(1 << 20)

/** A stream handle; named as Node's own, since transports look at the name. */
export class TCP implements StreamHandle {
  onread: StreamHandle['onread'] = () => undefined
  tidegate?: unknown
  /** Number of writes, and their bytes. */
  writes = 0
  /** The first text that was written. */
  firstText = ''
  /** Waits for an answer. */
  isAsking = false
  writtenBytes = 0
  readonly #onWrite: (handle: TCP) => void
  #buffer: Uint8Array = scratch

  constructor(onWrite: (handle: TCP) => void) {
    this.#onWrite = onWrite
  }

  /** Delivers bytes from the peer. */
  receive(bytes: Uint8Array): void {
    if (streamBinding === null) throw new Error('this Node has no stream handles')
    this.#buffer.set(bytes)
    streamBinding.state[streamBinding.readBytesOrError] = bytes.length
    this.#buffer = this.onread() ?? this.#buffer
  }

  useUserBuffer(buffer: Uint8Array): void {
    this.#buffer = buffer
  }

  readStart(): number {
    return 0
  }

  readStop(): number {
    return 0
  }

  writeLatin1String(_request: null, text: string): number {
    if (this.writes === 0) this.firstText = text
    return this.#wrote(scratch.write(text, 'latin1'))
  }

  writeBuffer(_request: null, bytes: Uint8Array): number {
    return this.#wrote(bytes.length)
  }

  writev(_request: null, chunks: readonly unknown[]): number {
    let length = 0
    const [first] = chunks
    if (this.writes === 0 && typeof first === 'string') this.firstText = first
    for (const chunk of chunks) if (chunk instanceof Uint8Array) length += chunk.length
    return this.#wrote(length)
  }

  shutdown(): number {
    return 1
  }

  #wrote(bytes: number): number {
    this.writes += 1
    this.writtenBytes += bytes
    this.#onWrite(this)
    return 0
  }
}

class FakeSocket extends EventEmitter {
  readonly readableLength = 0
  readonly readableEnded = false
  readonly writableLength = 0
  destroyed = false
  readonly _handle: TCP

  constructor(handle: TCP) {
    super()
    this._handle = handle
  }

  pause(): this {
    return this
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    setImmediate(() => this.emit('close'))
  }
}

/** A socket on such a handle. */
export function fakeSocket(handle: TCP): Socket {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has what transports on handles use of a socket.
  return new FakeSocket(handle) as unknown as Socket
}

/** Who is told of writes to servers, by their ports. */
const servers = new Map<number, (handle: TCP) => void>()

/** From now on every connection that is dialled is one of these; what is written to this port is told. */
export function fakeDials(port: number, onWrite: (handle: TCP) => void): void {
  servers.set(port, onWrite)
  net.connect = (options: unknown) => {
    const dialled = typeof options === 'object' && options !== null && 'port' in options ? Number(options.port) : 0
    const socket = new FakeSocket(new TCP(servers.get(dialled) ?? (() => undefined)))
    queueMicrotask(() => socket.emit('connect'))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the proxy uses no more of a socket than the fake has.
    return socket as unknown as Socket
  }
}
