/**
 * The engine of an HTTP/2 connection, for both sides (RFC 9113): bytes in, calls on streams and their owner; frames out as text. It owns no socket,
 * timer or clock. What a peer does against the protocol ends its stream or the connection; what it does too often ends the connection.
 */
import { Allowance } from './allowance.ts'
import { errorCode } from './error-codes.ts'
import { FrameParser } from './frame-parser.ts'
import {
  clientPreface,
  clientPrefaceBytes,
  frameBytesDefault,
  frameFlag,
  frameType,
  goawayFrame,
  pingFrame,
  readUint31,
  readUint32,
  resetFrame,
  settingId,
  settingsAck,
  settingsFrame,
  streamIdMax,
  windowBytesDefault,
  windowBytesMax,
  windowUpdateFrame,
} from './frames.ts'
import type { HeldBytes } from './held-bytes.ts'
import { type HeaderListLimits, HpackDecoder } from './hpack-decoder.ts'
import type { AbuseLimits, AllowanceSize, FlowLimits } from './limits.ts'
import { applyPriority } from './priority.ts'
import { type FrameOutput, FrameSender } from './sender.ts'
import type { Http2Stream } from './stream.ts'

/** Streams that we reset lately, whose frames may still be on their way. */
const resetIdsMax = 256

/** Told about the connection as a whole. */
export interface SessionOwner {
  /** The peer begins a stream (towards servers never): the stream, or null to refuse it. */
  onPeerStream(streamId: number): Http2Stream | null
  /** The peer takes no streams above this one; what it has not seen may be sent elsewhere. */
  onGoaway(lastStreamId: number, code: number): void
  /** The peer's settings have come, perhaps anew. */
  onSettings(): void
  onPong(): void
  /** A stream is no more. */
  onStreamGone(): void
  /** The connection has failed: GOAWAY is written, all streams are gone, nothing more is read. */
  onFailed(code: number): void
}

/** How a session is set up. */
export interface SessionOptions {
  readonly isServer: boolean
  /** Streams that the peer may have open at a time. */
  readonly streamsMax: number
  /** Largest header tables of both directions, in bytes. */
  readonly decoderTableBytes: number
  readonly encoderTableBytes: number
  readonly head: HeaderListLimits
  readonly flow: FlowLimits
  readonly abuse: AbuseLimits
  readonly held: HeldBytes
  /** Offers extended CONNECT (RFC 8441). */
  readonly extendedConnect: boolean
  /** What time it is, roughly: for allowances. */
  readonly time: { readonly coarseMs: number }
}

type AllowanceName = { [K in keyof AbuseLimits]: AbuseLimits[K] extends AllowanceSize ? K : never }[keyof AbuseLimits]

/** A connection. */
export class Http2Session extends FrameSender {
  readonly streams = new Map<number, Http2Stream>()
  /** Highest stream that the peer has begun. */
  lastPeerId = 0
  /** Streams that we may have open at a time. */
  peerStreamsMax = Number.POSITIVE_INFINITY
  /** The peer has said how many. */
  saysStreamsMax = false
  /** The peer takes extended CONNECT. */
  peerTakesConnect = false
  hasSettings = false
  /** Nothing is read or sent any more. */
  isOver = false
  /** The peer's streams above this one are ignored: it was told so. */
  acceptsUpTo = streamIdMax
  readonly #owner: SessionOwner
  readonly #options: SessionOptions
  readonly #parser = new FrameParser(frameBytesDefault)
  readonly #decoder: HpackDecoder
  readonly #allowances: { [K in AllowanceName]?: Allowance } = {}
  readonly #resetIds = new Set<number>()
  #prefaceLeft: number
  #nextId = 1
  #receiveWindow = windowBytesDefault
  #owedBytes = 0
  /** The field block under way: its stream, flags of its HEADERS frame, parts. */
  #blockId = 0
  #blockFlags = 0
  #blockIsCircular = false
  #blockParts: Buffer[] = []
  #blockBytes = 0

  constructor(output: FrameOutput, owner: SessionOwner, options: SessionOptions) {
    super(output, options.encoderTableBytes, options.held)
    this.#owner = owner
    this.#options = options
    this.#decoder = new HpackDecoder(options.decoderTableBytes, options.head)
    this.#prefaceLeft = options.isServer ? clientPrefaceBytes.length : 0
  }

  /** Sends what a side sends first. */
  start(): void {
    const { isServer, decoderTableBytes, streamsMax, flow, head, extendedConnect } = this.#options
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
      this.#receiveWindow = flow.connectionWindowBytes
    }
    this.writeFrames(text)
  }

  /** The stream whose field block is under way; 0 for none. */
  get openBlockId(): number {
    return this.#blockId
  }

  /** Whether a frame has begun whose rest has not come. */
  get isInFrame(): boolean {
    return this.#parser.buffered > 0
  }

  /** Whether a stream can be begun now. */
  get canOpen(): boolean {
    return !this.isOver && this.streams.size < this.peerStreamsMax && this.#nextId <= streamIdMax
  }

  /** Begins a stream of ours. */
  open(stream: Http2Stream): void {
    this.#add(stream, this.#nextId)
    this.#nextId += 2
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

  /** The connection is lost. */
  lost(): void {
    this.isOver = true
    this.#dropStreams(errorCode.cancel)
  }

  /** Ends the connection because of an error. */
  fail(code: number): void {
    if (this.isOver) return
    this.isOver = true
    this.writeFrames(goawayFrame(this.lastPeerId, code))
    this.#dropStreams(code)
    this.#owner.onFailed(code)
  }

  shed(): void {
    this.fail(errorCode.enhanceYourCalm)
  }

  /** Resets a stream. */
  reset(stream: Http2Stream, code: number): void {
    if (stream.isGone) return
    this.writeFrames(resetFrame(stream.id, code))
    this.#remember(stream.id)
    this.#remove(stream)
  }

  /** Takes a stream out that the peer has not seen. */
  forget(stream: Http2Stream): void {
    this.#remove(stream)
  }

  /** Gives bytes back to the peer's windows that were taken from a stream. */
  consumed(stream: Http2Stream, count: number): void {
    this.#consumedOnConnection(count)
    if (stream.remoteEnded || stream.isGone) return
    stream.owedBytes += count
    if (stream.owedBytes * 2 < this.#options.flow.streamWindowBytes) return
    stream.receiveWindow += stream.owedBytes
    this.writeFrames(windowUpdateFrame(stream.id, stream.owedBytes))
    stream.owedBytes = 0
  }

  #consumedOnConnection(count: number): void {
    this.#owedBytes += count
    if (this.#owedBytes * 2 < this.#options.flow.connectionWindowBytes || this.isOver) return
    this.#receiveWindow += this.#owedBytes
    this.writeFrames(windowUpdateFrame(0, this.#owedBytes))
    this.#owedBytes = 0
  }

  /** What was written has left. */
  drained(): void {
    this.waitingBytes = 0
    this.pump()
  }

  /** Asks for a PONG. */
  ping(): void {
    this.writeFrames(pingFrame('tidegate', false))
  }

  /** Tells the peer that streams above the last one are not taken; `isFinal` false lets those pass that are on their way. */
  goAway(isFinal: boolean): void {
    if (this.isOver) return
    if (isFinal) this.acceptsUpTo = this.lastPeerId
    this.writeFrames(goawayFrame(isFinal ? this.lastPeerId : streamIdMax, errorCode.noError))
  }

  protected override onLocalEnd(stream: Http2Stream): void {
    if (stream.remoteEnded) this.#remove(stream)
    stream.onSent()
    // The answer is complete, and nobody wants the rest of the request (RFC 9113 §8.1).
    if (this.#options.isServer && stream.stopsRequest) this.reset(stream, errorCode.noError)
  }

  protected override onDataSent(): void {
    this.#allowances.windowUpdates?.give(4)
    this.#allowances.pings?.give(1)
  }

  // Frames.

  #frame(): void {
    const parser = this.#parser
    const { type, streamId } = parser
    if (this.#blockId !== 0 && (type !== frameType.continuation || streamId !== this.#blockId)) {
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
    this.#receiveWindow -= whole
    if (this.#receiveWindow < 0) {
      this.fail(errorCode.flowControlError)
      return
    }
    this.#allowances.pings?.give(1)
    const isEnd = (flags & frameFlag.endStream) !== 0
    if (from === to && !isEnd && !this.#allow('emptyFrames')) return
    const stream = this.streams.get(streamId)
    if (stream === undefined || stream.remoteEnded) {
      this.#consumedOnConnection(whole)
      if (stream !== undefined) this.#provoked(stream, errorCode.streamClosed)
      else if (!this.#resetIds.has(streamId) && streamId <= this.acceptsUpTo) this.fail(errorCode.streamClosed)
      return
    }
    stream.receiveWindow -= whole
    if (stream.receiveWindow < 0) {
      this.#consumedOnConnection(whole)
      this.#provoked(stream, errorCode.flowControlError)
      return
    }
    if (whole > to - from) this.consumed(stream, whole - (to - from))
    if (isEnd) stream.remoteEnded = true
    if (to > from) stream.onData(bytes.subarray(from, to))
    if (isEnd && !stream.isGone) {
      stream.onEnd()
      this.#closeWhenDone(stream)
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
    this.#allowances.pings?.give(1)
    if ((flags & frameFlag.endHeaders) !== 0) {
      this.#block(streamId, flags, bytes, from, to)
      return
    }
    if (from === to && !this.#allow('emptyFrames')) return
    this.#blockId = streamId
    this.#blockFlags = flags
    this.#keepPart(bytes.subarray(from, to))
  }

  #onContinuation(): void {
    const { bytes, from, to, flags, streamId } = this.#parser
    if (this.#blockId === 0) {
      this.fail(errorCode.protocolError)
      return
    }
    if (from === to && !this.#allow('emptyFrames')) return
    if (!this.#keepPart(bytes.subarray(from, to)) || (flags & frameFlag.endHeaders) === 0) return
    const block = Buffer.concat(this.#blockParts)
    this.#blockParts = []
    this.#blockBytes = 0
    this.#blockId = 0
    this.#block(streamId, this.#blockFlags, block, 0, block.length)
  }

  #keepPart(part: Buffer): boolean {
    this.#blockParts.push(Buffer.from(part))
    this.#blockBytes += part.length
    const { head, abuse } = this.#options
    // Packed fields are hardly ever longer than what they stand for: more than a list may have is not read to its end.
    const isSound = this.#blockBytes <= head.headBytesMax * 2 && this.#blockParts.length <= abuse.continuationsMax
    if (!isSound) this.fail(errorCode.enhanceYourCalm)
    return isSound
  }

  #block(streamId: number, flags: number, bytes: Buffer, from: number, to: number): void {
    // Whatever becomes of the stream, the block must be decoded: the tables of both sides stay in step.
    const error = this.#decoder.decode(bytes, from, to)
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
      this.#provoked(stream, errorCode.streamClosed)
      return
    }
    if (this.#blockIsCircular) {
      this.#provoked(stream, errorCode.protocolError)
      return
    }
    if (isEnd) stream.remoteEnded = true
    stream.onFields(this.#decoder, isEnd)
    if (isEnd && !stream.isGone) this.#closeWhenDone(stream)
  }

  /** A block on a stream that is not open: the peer begins one, or is behind. */
  #begin(streamId: number): Http2Stream | undefined {
    const { isServer, streamsMax } = this.#options
    if (!this.#isIdle(streamId)) {
      if (!this.#resetIds.has(streamId) && streamId <= this.acceptsUpTo) this.fail(errorCode.streamClosed)
      return undefined
    }
    if (!isServer || streamId % 2 === 0) {
      this.fail(errorCode.protocolError)
      return undefined
    }
    this.lastPeerId = streamId
    if (streamId > this.acceptsUpTo) return undefined
    const stream = this.streams.size >= streamsMax ? null : this.#owner.onPeerStream(streamId)
    if (stream === null) {
      this.#remember(streamId)
      if (this.#allow('refusals')) this.writeFrames(resetFrame(streamId, errorCode.refusedStream))
      return undefined
    }
    this.#add(stream, streamId)
    this.#allowances.windowUpdates?.give(2)
    this.#allowances.others?.give(2)
    return stream
  }

  #isIdle(streamId: number): boolean {
    const isPeers = streamId % 2 === (this.#options.isServer ? 1 : 0)
    return isPeers ? streamId > this.lastPeerId : streamId >= this.#nextId || this.#options.isServer
  }

  #onWindowUpdate(): void {
    const { bytes, from, to, streamId } = this.#parser
    if (to - from !== 4) {
      this.fail(errorCode.frameSizeError)
      return
    }
    if (!this.#allow('windowUpdates')) return
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
    if (increment === 0) this.#provoked(stream, errorCode.protocolError)
    else if (stream.sendWindow > windowBytesMax) this.#provoked(stream, errorCode.flowControlError)
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
      this.#allow('others')
      return
    }
    if (!this.#allow('resets')) return
    this.#remove(stream)
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
    if (!this.#allow('settings') || isAck) return
    this.hasSettings = true
    for (let place = from; place < to; place += 6) {
      const error = this.#setting((bytes[place]! << 8) | bytes[place + 1]!, readUint32(bytes, place + 2))
      if (error !== 0) {
        this.fail(error)
        return
      }
    }
    this.writeFrames(settingsAck)
    this.#owner.onSettings()
    this.pump()
  }

  #setting(id: number, value: number): number {
    switch (id) {
      case settingId.headerTableSize:
        this.encoder.allow(value)
        return 0
      case settingId.enablePush:
        return value > 1 || (value === 1 && !this.#options.isServer) ? errorCode.protocolError : 0
      case settingId.maxConcurrentStreams:
        this.peerStreamsMax = value
        this.saysStreamsMax = true
        return 0
      case settingId.initialWindowSize:
        return this.#initialWindow(value)
      case settingId.maxFrameSize:
        if (value < frameBytesDefault || value > 0xff_ffff) return errorCode.protocolError
        this.frameBytesMax = Math.min(value, frameBytesMost)
        return 0
      case settingId.enableConnectProtocol:
        if (value > 1) return errorCode.protocolError
        this.peerTakesConnect = value === 1
        return 0
      case settingId.noRfc7540Priorities:
        return value > 1 ? errorCode.protocolError : 0
      default:
        return 0
    }
  }

  #initialWindow(size: number): number {
    if (size > windowBytesMax) return errorCode.flowControlError
    const change = size - this.streamSendWindow
    this.streamSendWindow = size
    for (const stream of this.streams.values()) {
      stream.sendWindow += change
      if (stream.sendWindow > windowBytesMax) return errorCode.flowControlError
    }
    return 0
  }

  #onPing(): void {
    const { bytes, from, to, flags, streamId } = this.#parser
    if (streamId !== 0) {
      this.fail(errorCode.protocolError)
    } else if (to - from !== 8) {
      this.fail(errorCode.frameSizeError)
    } else if (this.#allow('pings')) {
      if ((flags & frameFlag.ack) !== 0) this.#owner.onPong()
      else this.writeFrames(pingFrame(bytes.latin1Slice(from, to), true))
    }
  }

  #onGoaway(): void {
    const { bytes, from, to, streamId } = this.#parser
    if (streamId !== 0) this.fail(errorCode.protocolError)
    else if (to - from < 8) this.fail(errorCode.frameSizeError)
    else if (this.#allow('others')) this.#owner.onGoaway(readUint31(bytes, from), readUint32(bytes, from + 4))
  }

  /** PRIORITY, PRIORITY_UPDATE, and types that nobody knows. */
  #onOther(type: number): void {
    const { bytes, from, to, streamId } = this.#parser
    if (!this.#allow('others')) return
    if (type === frameType.priority) {
      if (streamId === 0) this.fail(errorCode.protocolError)
      else if (to - from !== 5) this.#streamError(streamId, errorCode.frameSizeError)
      else if (readUint31(bytes, from) === streamId) this.#streamError(streamId, errorCode.protocolError)
      return
    }
    if (type !== frameType.priorityUpdate) return
    if (streamId !== 0 || !this.#options.isServer) {
      this.fail(errorCode.protocolError)
    } else if (to - from < 4) {
      this.fail(errorCode.frameSizeError)
    } else {
      const stream = this.streams.get(readUint31(bytes, from))
      if (stream !== undefined) applyPriority(stream, bytes.latin1Slice(from + 4, to))
    }
  }

  // Streams.

  #add(stream: Http2Stream, streamId: number): void {
    stream.id = streamId
    stream.sendWindow = this.streamSendWindow
    stream.receiveWindow = this.#options.flow.streamWindowBytes
    this.streams.set(streamId, stream)
  }

  #closeWhenDone(stream: Http2Stream): void {
    if (stream.localEnded && stream.remoteEnded) this.#remove(stream)
  }

  #remove(stream: Http2Stream): void {
    if (stream.isGone) return
    stream.isGone = true
    this.streams.delete(stream.id)
    this.dropQueue(stream)
    this.#owner.onStreamGone()
  }

  #dropStreams(code: number): void {
    const streams = [...this.streams.values()]
    this.streams.clear()
    for (const stream of streams) {
      stream.isGone = true
      this.dropQueue(stream)
    }
    for (const stream of streams) stream.onReset(code)
  }

  /** A stream ends because of what the peer sent on it. */
  #provoked(stream: Http2Stream, code: number): void {
    if (!this.provokedReset(stream, code)) return
    stream.onReset(code)
  }

  /** Resets a stream because of what the peer sent; false when that came too often, and the connection has ended. */
  provokedReset(stream: Http2Stream, code: number): boolean {
    if (!this.#allow('provokedResets')) return false
    this.reset(stream, code)
    return true
  }

  #streamError(streamId: number, code: number): void {
    const stream = this.streams.get(streamId)
    if (stream !== undefined) this.#provoked(stream, code)
    else if (this.#allow('provokedResets')) this.writeFrames(resetFrame(streamId, code))
  }

  #remember(streamId: number): void {
    this.#resetIds.add(streamId)
    if (this.#resetIds.size <= resetIdsMax) return
    for (const oldest of this.#resetIds) {
      this.#resetIds.delete(oldest)
      break
    }
  }

  #allow(name: AllowanceName): boolean {
    const allowance = (this.#allowances[name] ??= new Allowance(this.#options.abuse[name]))
    if (allowance.take(this.#options.time.coarseMs)) return true
    this.fail(errorCode.enhanceYourCalm)
    return false
  }
}

/** Larger frames are not sent even when the peer takes them, in bytes: others must get a turn. */
const frameBytesMost = 64 * 1024
