/** Frames of HTTP/2 (RFC 9113 §4, §6): numbers, and frames as text, one character a byte. */

/** Types of frames. */
export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
  /** RFC 9218 §7.1. */
  priorityUpdate: 16,
} as const

/** Flags of frames. */
export const frameFlag = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 32 } as const

/** Identifiers of settings. */
export const settingId = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
  /** RFC 8441 §3. */
  enableConnectProtocol: 8,
  /** RFC 9218 §2.1. */
  noRfc7540Priorities: 9,
} as const

/** What a client sends first (RFC 9113 §3.4). */
export const clientPreface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
/** The same as bytes. */
export const clientPrefaceBytes: Buffer = Buffer.from(clientPreface, 'latin1')

/** Bytes in front of every frame's payload. */
export const frameHeadBytes = 9
/** Largest payload that may be sent before the peer says otherwise, and largest that we take, in bytes. */
export const frameBytesDefault = 16_384
/** Size of windows before anybody says otherwise, in bytes. */
export const windowBytesDefault = 65_535
/** Largest window, in bytes. */
export const windowBytesMax = 0x7fff_ffff
/** Largest stream identifier. */
export const streamIdMax = 0x7fff_ffff

const head = String.fromCharCode

/** The head of a frame. */
export function frameHead(length: number, type: number, flags: number, streamId: number): string {
  return head(
    (length >>> 16) & 255,
    (length >>> 8) & 255,
    length & 255,
    type,
    flags,
    (streamId >>> 24) & 127,
    (streamId >>> 16) & 255,
    (streamId >>> 8) & 255,
    streamId & 255,
  )
}

/** A field block as HEADERS and as many CONTINUATION frames as it takes. */
export function headersFrames(streamId: number, block: string, endsStream: boolean, frameBytesMax: number): string {
  const flags = endsStream ? frameFlag.endStream : 0
  if (block.length <= frameBytesMax) return frameHead(block.length, frameType.headers, flags | frameFlag.endHeaders, streamId) + block
  let text = frameHead(frameBytesMax, frameType.headers, flags, streamId) + block.slice(0, frameBytesMax)
  for (let place = frameBytesMax; place < block.length; place += frameBytesMax) {
    const part = block.slice(place, place + frameBytesMax)
    const isLast = place + frameBytesMax >= block.length
    text += frameHead(part.length, frameType.continuation, isLast ? frameFlag.endHeaders : 0, streamId) + part
  }
  return text
}

/** RST_STREAM. */
export function resetFrame(streamId: number, code: number): string {
  return frameHead(4, frameType.resetStream, 0, streamId) + uint32(code)
}

/** WINDOW_UPDATE. */
export function windowUpdateFrame(streamId: number, increment: number): string {
  return frameHead(4, frameType.windowUpdate, 0, streamId) + uint32(increment)
}

/** GOAWAY, with a reason for whoever reads it. */
export function goawayFrame(lastStreamId: number, code: number, reason = ''): string {
  return frameHead(8 + reason.length, frameType.goaway, 0, 0) + uint32(lastStreamId) + uint32(code) + reason
}

/** SETTINGS with identifiers and values in turn. */
export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): string {
  let text = frameHead(settings.length * 6, frameType.settings, 0, 0)
  for (const [id, value] of settings) text += head(id >>> 8, id & 255) + uint32(value)
  return text
}

/** Acknowledgement of SETTINGS. */
export const settingsAck: string = frameHead(0, frameType.settings, frameFlag.ack, 0)

/** PING with eight bytes. */
export function pingFrame(payload: string, isAck: boolean): string {
  return frameHead(8, frameType.ping, isAck ? frameFlag.ack : 0, 0) + payload
}

function uint32(value: number): string {
  return head((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

/** Four bytes as a number. */
export function readUint32(bytes: Buffer, place: number): number {
  return ((bytes[place]! << 24) | (bytes[place + 1]! << 16) | (bytes[place + 2]! << 8) | bytes[place + 3]!) >>> 0
}

/** Four bytes as a number, without the reserved bit. */
export function readUint31(bytes: Buffer, place: number): number {
  return readUint32(bytes, place) & 0x7fff_ffff
}
