/**
 * Node's stream handles, which lie below `net.Socket`. They are Node's own and promised to nobody, so everything that is believed of them is
 * checked here once, and whoever finds something missing takes plain sockets instead.
 */
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { types } from 'node:util'

/** A write that is under way; made by Node when a write does not finish at once. */
export interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number) => void
  /** Status of a write that was over before `oncomplete` could be set. */
  writeStatus: number | null
  /** What this project hangs on it. */
  tidegate?: unknown
}

/** A request to end the stream. */
export interface ShutdownRequest {
  oncomplete: (this: ShutdownRequest, status: number) => void
  tidegate?: unknown
}

/** A stream handle. Writes give 0 or a negative error when they are over, or the request that is under way. */
export interface StreamHandle {
  onread: (this: StreamHandle) => Uint8Array | undefined
  useUserBuffer(buffer: Uint8Array): void
  readStart(): number
  readStop(): number
  writeLatin1String(request: null, text: string): number | WriteRequest
  writeBuffer(request: null, bytes: Uint8Array): number | WriteRequest
  /** Pairs of data and encoding. */
  writev(request: null, chunks: readonly unknown[], allBuffers: false): number | WriteRequest
  shutdown(request: ShutdownRequest): number
  /** What this project hangs on it. */
  tidegate?: unknown
}

/** The parts of Node's binding that are used. */
export interface StreamBinding {
  /** State that calls leave behind. */
  readonly state: Int32Array
  /** Index of the number of bytes read, or of the negative error. */
  readonly readBytesOrError: number
  /** Index of the error of the last write. */
  readonly lastWriteError: number
  newShutdown(): ShutdownRequest
}

/** The end of the stream, as `onread` tells it. */
export const endOfStream = -4095
/** Reading has begun already. */
export const alreadyReading = -constants.errno.EALREADY
/** The handle cannot be shut down because it is not connected (any more). */
export const notConnected = -constants.errno.ENOTCONN

const handleMethods = ['useUserBuffer', 'readStart', 'readStop', 'writeLatin1String', 'writeBuffer', 'writev', 'shutdown'] as const

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function load(): StreamBinding | null {
  // On Windows a read is ordered together with its buffer, so one buffer cannot serve several connections.
  if (process.platform === 'win32') return null
  try {
    const binding: unknown = Reflect.get(process, 'binding').call(process, 'stream_wrap')
    if (!isRecord(binding)) return null
    const { streamBaseState: state, kReadBytesOrError, kLastWriteErr, ShutdownWrap } = binding
    if (!types.isInt32Array(state) || typeof kReadBytesOrError !== 'number' || typeof kLastWriteErr !== 'number') return null
    if (typeof ShutdownWrap !== 'function') return null
    return {
      state: state as Int32Array,
      readBytesOrError: kReadBytesOrError,
      lastWriteError: kLastWriteErr,
      newShutdown: () => Reflect.construct(ShutdownWrap, []),
    }
  } catch {
    return null
  }
}

/** The binding, or null when it is not as expected. */
export const streamBinding: StreamBinding | null = load()

/** The handle of a TCP or Unix socket when it can be driven directly, else null. */
export function streamHandleOf(socket: Socket): StreamHandle | null {
  if (streamBinding === null || socket.readableLength > 0 || socket.readableEnded || socket.writableLength > 0 || socket.destroyed)
    return null
  const handle: unknown = Reflect.get(socket, '_handle')
  return isStreamHandle(handle) ? handle : null
}

function isStreamHandle(handle: unknown): handle is StreamHandle {
  if (typeof handle !== 'object' || handle === null) return false
  const kind = handle.constructor.name
  if (kind !== 'TCP' && kind !== 'Pipe' && kind !== 'TLSWrap') return false
  return handleMethods.every((method) => typeof Reflect.get(handle, method) === 'function') && 'onread' in handle
}

/** Whether a handle encrypts: it reads ahead of being paused, and by records of its own. */
export function isTlsHandle(handle: StreamHandle): boolean {
  return handle.constructor.name === 'TLSWrap'
}

/** Closes a socket at once, with a reset where the system can. */
export function closeSocket(socket: Socket, reset: boolean): void {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (reset && typeof handle === 'object' && handle !== null && handle.constructor.name === 'TCP') socket.resetAndDestroy()
  else socket.destroy()
}
