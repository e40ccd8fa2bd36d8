/**
 * The engine of an HTTP/2 connection, for both sides (RFC 9113): bytes in, calls on streams and their owner; frames out as text. It owns no socket,
 * timer or clock. What a peer does against the protocol ends its stream or the connection; what it does too often ends the connection.
 */
import { errorCode } from './error-codes.ts'
import { FieldBlock } from './field-block.ts'
import { FrameParser } from './frame-parser.ts'
import {
  clientPreface,
  clientPrefaceBytes,
  frameBytesDefault,
  frameFlag,
  frameType,
  pingFrame,
  readUint31,
  readUint32,
  resetFrame,
  settingId,
  settingsAck,
  settingsFrame,
  windowBytesDefault,
  windowBytesMax,
  windowUpdateFrame,
} from './frames.ts'
import { HpackDecoder } from './hpack-decoder.ts'
import { applyPriority } from './priority.ts'
import type { FrameOutput } from './sender.ts'
import type { SessionOptions, SessionOwner } from './session-options.ts'
import { StreamTable } from './stream-table.ts'
import type { Http2Stream } from './stream.ts'

/** A connection. */
export class Http2Session extends StreamTable {
  readonly #parser = new FrameParser(frameBytesDefault)
  readonly #decoder: HpackDecoder
  readonly #block: FieldBlock
  #prefaceLeft: number
  /** A block whose stream depends on itself. */
  #blockIsCircular = false

  constructor(output: FrameOutput, owner: SessionOwner, options: SessionOptions) {
    super(output, owner, options)
    this.#decoder = new HpackDecoder(options.decoderTableBytes, options.head)
    // Packed fields are hardly ever longer than what they stand for: more than a list may have is not read to its end.
    this.#block = new FieldBlock(options.head.headBytesMax * 2, options.abuse.continuationsMax)
    this.#prefaceLeft = options.isServer ? clientPrefaceBytes.length : 0
  }

  /** Sends what a side sends first. */
  start(): void {
    const { isServer, decoderTableBytes, streamsMax, flow, head, extendedConnect } = this.options
    const settings: [number, number][] = [
      [settingId.headerTableSize, decoderTableBytes],
      [settingId.initialWindowSize, flow.streamWindowBytes],
      [settingId.maxHeaderListSize, Math.min(head.headBytesMax, 0xffff_ffff)],
    ]
    if (isServer) settings.push([settingId.maxConcurrentStreams, streamsMax], [settingId.noRfc7540Priorities, 1])
    else settings.push([settingId.enablePush, 0])
    if (extendedConnect) settings.push([settingId.enableConnectProtocol, 1])
    let text = (isServer ? '' : clientPreface) + settingsFrame(settings)
    if (flow.connectionWindowBytes > windowBytesDefault) {
      text += windowUpdateFrame(0, flow.connectionWindowBytes - windowBytesDefault)
      this.receiveWindow = flow.connectionWindowBytes
    }
    this.writeFrames(text)
  }

  /** The stream whose field block is under way; 0 for none. */
  get openBlockId(): number {
    return this.#block.streamId
  }

  /** Whether a frame has begun whose rest has not come. */
  get isInFrame(): boolean {
    return this.#parser.buffered > 0
  }

  /** Takes what came in; the chunk is not kept. */
  receive(chunk: Buffer): void {
    let rest = chunk
    if (this.#prefaceLeft > 0) {
      const taken = this.#takePreface(chunk)
      if (taken < 0) {
        this.fail(errorCode.protocolError)
        return
      }
      rest = taken === 0 ? chunk : chunk.subarray(taken)
    }
    const parser = this.#parser
    parser.push(rest)
    while (!this.isOver && parser.next()) this.#frame()
    if (parser.isTooLarge) this.fail(errorCode.frameSizeError)
  }

  #takePreface(chunk: Buffer): number {
    const done = clientPrefaceBytes.length - this.#prefaceLeft
    const count = Math.min(this.#prefaceLeft, chunk.length)
    if (clientPrefaceBytes.compare(chunk, 0, count, done, done + count) !== 0) return -1
    this.#prefaceLeft -= count
    return count
  }

  // Frames.

  #frame(): void {
    const parser = this.#parser
    const { type, streamId } = parser
    const blockId = this.#block.streamId
    if (blockId !== 0 && (type !== frameType.continuation || streamId !== blockId)) {
      this.fail(errorCode.protocolError)
      return
    }
    if (!this.hasSettings && (type !== frameType.settings || (parser.flags & frameFlag.ack) !== 0)) {
      this.fail(errorCode.protocolError)
      return
    }
    switch (type) {
      case frameType.data:
        this.#onData()
        break
      case frameType.headers:
        this.#onHeaders()
        break
      case frameType.continuation:
        this.#onContinuation()
        break
      case frameType.windowUpdate:
        this.#onWindowUpdate()
        break
      case frameType.resetStream:
        this.#onReset()
        break
      case frameType.settings:
        this.#onSettings()
        break
      case frameType.ping:
        this.#onPing()
        break
      case frameType.goaway:
        this.#onGoaway()
        break
      case frameType.pushPromise:
        this.fail(errorCode.protocolError)
        break
      default:
        this.#onOther(type)
    }
  }

  #onData(): void {
    const parser = this.#parser
    const { bytes, streamId, flags } = parser
    const whole = parser.to - parser.from
    let { from, to } = parser
    if ((flags & frameFlag.padded) !== 0) {
      const padding = whole > 0 ? bytes[from]! : 0
      from += 1
      to -= padding
      if (to < from) {
        this.fail(errorCode.protocolError)
        return
      }
    }
    if (streamId === 0 || this.#isIdle(streamId)) {
      this.fail(errorCode.protocolError)
      return
    }
    this.receiveWindow -= whole
    if (this.receiveWindow < 0) {
      this.fail(errorCode.flowControlError)
      return
    }
    this.allowances.give('pings', 1)
    const isEnd = (flags & frameFlag.endStream) !== 0
    if (from === to && !isEnd && !this.allow('emptyFrames')) return
    const stream = this.streams.get(streamId)
    if (stream === undefined || stream.remoteEnded) {
      this.consumedOnConnection(whole)
      if (stream !== undefined) this.provoked(stream, errorCode.streamClosed)
      else if (!this.resetIds.has(streamId) && streamId <= this.acceptsUpTo) this.fail(errorCode.streamClosed)
      return
    }
    stream.receiveWindow -= whole
    if (stream.receiveWindow < 0) {
      this.consumedOnConnection(whole)
      this.provoked(stream, errorCode.flowControlError)
      return
    }
    if (whole > to - from) this.consumed(stream, whole - (to - from))
    if (isEnd) stream.remoteEnded = true
    if (to > from) stream.onData(bytes.subarray(from, to))
    if (isEnd && !stream.isGone) {
      stream.onEnd()
      this.closeWhenDone(stream)
    }
  }

  #onHeaders(): void {
    const parser = this.#parser
    const { bytes, streamId, flags } = parser
    let { from, to } = parser
    if (streamId === 0) {
      this.fail(errorCode.protocolError)
      return
    }
    if ((flags & frameFlag.padded) !== 0) {
      const padding = to > from ? bytes[from]! : 0
      from += 1
      to -= padding
    }
    this.#blockIsCircular = false
    if ((flags & frameFlag.priority) !== 0) {
      this.#blockIsCircular = to - from >= 5 && readUint31(bytes, from) === streamId
      from += 5
    }
    if (to < from) {
      this.fail(to < parser.from ? errorCode.frameSizeError : errorCode.protocolError)
      return
    }
    this.allowances.give('pings', 1)
    if ((flags & frameFlag.endHeaders) !== 0) {
      this.#onBlock(streamId, flags, bytes.subarray(from, to))
      return
    }
    if (from === to && !this.allow('emptyFrames')) return
    this.#block.begin(streamId, flags)
    if (!this.#block.add(bytes.subarray(from, to))) this.fail(errorCode.enhanceYourCalm)
  }

  #onContinuation(): void {
    const { bytes, from, to, flags, streamId } = this.#parser
    const block = this.#block
    if (block.streamId === 0) {
      this.fail(errorCode.protocolError)
      return
    }
    if (from === to && !this.allow('emptyFrames')) return
    if (!block.add(bytes.subarray(from, to))) {
      this.fail(errorCode.enhanceYourCalm)
      return
    }
    if ((flags & frameFlag.endHeaders) === 0) return
    this.#onBlock(streamId, block.flags, block.finish())
  }

  #onBlock(streamId: number, flags: number, block: Buffer): void {
    // Whatever becomes of the stream, the block must be decoded: the tables of both sides stay in step.
    const error = this.#decoder.decode(block)
    if (error !== 0) {
      this.fail(error)
      return
    }
    const isEnd = (flags & frameFlag.endStream) !== 0
    let stream = this.streams.get(streamId)
    if (stream === undefined) {
      stream = this.#begin(streamId)
      if (stream === undefined) return
    } else if (stream.remoteEnded) {
      this.provoked(stream, errorCode.streamClosed)
      return
    }
    if (this.#blockIsCircular) {
      this.provoked(stream, errorCode.protocolError)
      return
    }
    if (isEnd) stream.remoteEnded = true
    stream.onFields(this.#decoder, isEnd)
    if (isEnd && !stream.isGone) this.closeWhenDone(stream)
  }

  /** A block on a stream that is not open: the peer begins one, or is behind. */
  #begin(streamId: number): Http2Stream | undefined {
    const { isServer, streamsMax } = this.options
    if (!this.#isIdle(streamId)) {
      if (!this.resetIds.has(streamId) && streamId <= this.acceptsUpTo) this.fail(errorCode.streamClosed)
      return undefined
    }
    if (!isServer || streamId % 2 === 0) {
      this.fail(errorCode.protocolError)
      return undefined
    }
    this.lastPeerId = streamId
    if (streamId > this.acceptsUpTo) return undefined
    const stream = this.streams.size >= streamsMax ? null : this.owner.onPeerStream(streamId)
    if (stream === null) {
      this.remember(streamId)
      if (this.allow('refusals')) this.writeFrames(resetFrame(streamId, errorCode.refusedStream))
      return undefined
    }
    this.add(stream, streamId)
    this.allowances.give('windowUpdates', 2)
    this.allowances.give('others', 2)
    return stream
  }

  #isIdle(streamId: number): boolean {
    const isPeers = streamId % 2 === (this.options.isServer ? 1 : 0)
    return isPeers ? streamId > this.lastPeerId : streamId >= this.nextId || this.options.isServer
  }

  #onWindowUpdate(): void {
    const { bytes, from, to, streamId } = this.#parser
    if (to - from !== 4) {
      this.fail(errorCode.frameSizeError)
      return
    }
    if (!this.allow('windowUpdates')) return
    const increment = readUint31(bytes, from)
    if (streamId === 0) {
      if (increment === 0) this.fail(errorCode.protocolError)
      else if (this.openWindow(increment)) this.pump()
      else this.fail(errorCode.flowControlError)
      return
    }
    if (this.#isIdle(streamId)) {
      this.fail(errorCode.protocolError)
      return
    }
    const stream = this.streams.get(streamId)
    if (stream === undefined) return
    stream.sendWindow += increment
    if (increment === 0) this.provoked(stream, errorCode.protocolError)
    else if (stream.sendWindow > windowBytesMax) this.provoked(stream, errorCode.flowControlError)
    else this.streamWindowOpened(stream)
  }

  #onReset(): void {
    const { bytes, from, to, streamId } = this.#parser
    if (to - from !== 4) {
      this.fail(errorCode.frameSizeError)
      return
    }
    if (streamId === 0 || this.#isIdle(streamId)) {
      this.fail(errorCode.protocolError)
      return
    }
    const stream = this.streams.get(streamId)
    if (stream === undefined) {
      this.allow('others')
      return
    }
    if (!this.allow('resets')) return
    this.forget(stream)
    stream.onReset(readUint32(bytes, from))
  }

  #onSettings(): void {
    const { bytes, from, to, flags, streamId } = this.#parser
    const isAck = (flags & frameFlag.ack) !== 0
    if (streamId !== 0) {
      this.fail(errorCode.protocolError)
      return
    }
    if ((to - from) % 6 !== 0 || (isAck && to > from)) {
      this.fail(errorCode.frameSizeError)
      return
    }
    if (!this.allow('settings') || isAck) return
    this.hasSettings = true
    const error = this.peer.read(bytes, from, to, !this.options.isServer)
    if (error !== 0 || !this.#applySettings()) {
      this.fail(error === 0 ? errorCode.flowControlError : error)
      return
    }
    this.writeFrames(settingsAck)
    this.owner.onSettings()
    this.pump()
  }

  /** False when a window would be larger than windows may be. */
  #applySettings(): boolean {
    const { headerTableBytes, frameBytesMax, streamWindowBytes } = this.peer
    this.encoder.allow(headerTableBytes)
    this.frameBytesMax = Math.min(frameBytesMax, frameBytesMost)
    const change = streamWindowBytes - this.streamSendWindow
    this.streamSendWindow = streamWindowBytes
    if (change === 0) return true
    for (const stream of this.streams.values()) {
      stream.sendWindow += change
      if (stream.sendWindow > windowBytesMax) return false
    }
    return true
  }

  #onPing(): void {
    const { bytes, from, to, flags, streamId } = this.#parser
    if (streamId !== 0) {
      this.fail(errorCode.protocolError)
    } else if (to - from !== 8) {
      this.fail(errorCode.frameSizeError)
    } else if (this.allow('pings')) {
      if ((flags & frameFlag.ack) !== 0) this.owner.onPong()
      else this.writeFrames(pingFrame(bytes.latin1Slice(from, to), true))
    }
  }

  #onGoaway(): void {
    const { bytes, from, to, streamId } = this.#parser
    if (streamId !== 0) this.fail(errorCode.protocolError)
    else if (to - from < 8) this.fail(errorCode.frameSizeError)
    else if (this.allow('others')) this.owner.onGoaway(readUint31(bytes, from), readUint32(bytes, from + 4))
  }

  /** PRIORITY, PRIORITY_UPDATE, and types that nobody knows. */
  #onOther(type: number): void {
    const { bytes, from, to, streamId } = this.#parser
    if (!this.allow('others')) return
    if (type === frameType.priority) {
      if (streamId === 0) this.fail(errorCode.protocolError)
      else if (to - from !== 5) this.streamError(streamId, errorCode.frameSizeError)
      else if (readUint31(bytes, from) === streamId) this.streamError(streamId, errorCode.protocolError)
      return
    }
    if (type !== frameType.priorityUpdate) return
    if (streamId !== 0 || !this.options.isServer) {
      this.fail(errorCode.protocolError)
    } else if (to - from < 4) {
      this.fail(errorCode.frameSizeError)
    } else {
      const stream = this.streams.get(readUint31(bytes, from))
      if (stream !== undefined) applyPriority(stream, bytes.latin1Slice(from + 4, to))
    }
  }
}

/** Larger frames are not sent even when the peer takes them, in bytes: others must get a turn. */
const frameBytesMost = 64 * 1024
