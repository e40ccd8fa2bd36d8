/**
 * Memory to read into. All connections of a thread share one buffer, since what is read is consumed or copied before the read event is over. A
 * connection with a long body reads into a larger one of its own, out of a pool; while a write still refers to it, it is not read into again.
 */

/** Size of the shared buffer, in bytes. */
export const sharedBytes = 64 * 1024
/** Size of a buffer for long bodies, in bytes. */
export const longBytes = 256 * 1024
/** Most long buffers of a thread; whoever gets none stays with the shared one. */
export const longBuffersMax = 64
/** Most long buffers kept for later. */
const longBuffersKept = 8
/** Most buffers kept for copies of shared chunks. */
const copiesKept = 8

/** The buffer that all connections of this thread read into. */
export const sharedBuffer = Buffer.allocUnsafeSlow(sharedBytes)

/** Reads up to this size get a view of the shared buffer that is made once, in bytes. */
const keptViewBytesMax = 2048
const keptViews = new Array<Buffer | undefined>(keptViewBytesMax + 1).fill(undefined)

/** The first bytes of the shared buffer. */
export function sharedView(length: number): Buffer {
  if (length > keptViewBytesMax) return sharedBuffer.subarray(0, length)
  return (keptViews[length] ??= sharedBuffer.subarray(0, length))
}

/** A long buffer; in use while a connection reads into it or a write refers to it. */
export interface LongBuffer {
  readonly bytes: Buffer
  isReadInto: boolean
  /** Writes under way that refer to it. */
  pins: number
}

const longBuffers = new Map<ArrayBufferLike, LongBuffer>()
const free: LongBuffer[] = []

/** Lends a long buffer to a connection; null when there are too many. */
export function takeLongBuffer(): LongBuffer | null {
  const kept = free.pop()
  if (kept !== undefined) {
    kept.isReadInto = true
    return kept
  }
  if (longBuffers.size >= longBuffersMax) return null
  const bytes = Buffer.allocUnsafeSlow(longBytes)
  const made: LongBuffer = { bytes, isReadInto: true, pins: 0 }
  longBuffers.set(bytes.buffer, made)
  return made
}

/** The connection does not read into it any more. */
export function returnLongBuffer(buffer: LongBuffer): void {
  buffer.isReadInto = false
  release(buffer)
}

/** Whether bytes lie in memory that connections read into again, so that only a transport on handles may keep them. */
export function isReadInto(bytes: Uint8Array): boolean {
  return isShared(bytes) || longBuffers.has(bytes.buffer)
}

/** Says that a write refers to these bytes; null when they are not in a long buffer. */
export function pinLongBuffer(bytes: Uint8Array): LongBuffer | null {
  const buffer = longBuffers.get(bytes.buffer)
  if (buffer === undefined) return null
  buffer.pins += 1
  return buffer
}

/** The write is over. */
export function unpinLongBuffer(buffer: LongBuffer): void {
  buffer.pins -= 1
  release(buffer)
}

function release(buffer: LongBuffer): void {
  if (buffer.isReadInto || buffer.pins > 0) return
  if (free.length < longBuffersKept) free.push(buffer)
  else longBuffers.delete(buffer.bytes.buffer)
}

const copies: Buffer[] = []

/** Whether bytes lie in the shared buffer, so that nothing may refer to them once the event is over. */
export function isShared(bytes: Uint8Array): boolean {
  return bytes.buffer === sharedBuffer.buffer
}

/** A copy of shared bytes, to be given back with `returnCopy`. */
export function takeCopy(bytes: Uint8Array): Buffer {
  const copy = copies.pop() ?? Buffer.allocUnsafeSlow(sharedBytes)
  copy.set(bytes)
  return copy.subarray(0, bytes.length)
}

/** Gives a copy back. */
export function returnCopy(copy: Buffer): void {
  if (copies.length < copiesKept) copies.push(Buffer.from(copy.buffer))
}

/** Long buffers in use and kept, for tests and figures. */
export function longBufferCount(): number {
  return longBuffers.size
}
