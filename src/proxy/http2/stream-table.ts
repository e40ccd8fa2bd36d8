/**
 * The streams of a connection and everything that is counted over them: windows for what the peer sends (RFC 9113 §5.2), allowances, who is reset and
 * remembered, and the end of all of them.
 */
import { type AllowanceName, Allowances } from './allowance.ts'
import { errorCode } from './error-codes.ts'
import { goawayFrame, pingFrame, resetFrame, streamIdMax, windowBytesDefault, windowUpdateFrame } from './frames.ts'
import { PeerSettings } from './peer-settings.ts'
import { type FrameOutput, FrameSender } from './sender.ts'
import type { SessionOptions, SessionOwner } from './session-options.ts'
import type { Http2Stream } from './stream.ts'

/** Streams that we reset lately, whose frames may still be on their way. */
const resetIdsMax = 256

/** The streams of a connection. */
export abstract class StreamTable extends FrameSender {
  readonly streams = new Map<number, Http2Stream>()
  /** Highest stream that the peer has begun. */
  lastPeerId = 0
  readonly peer = new PeerSettings()
  hasSettings = false
  /** Nothing is read or sent any more. */
  isOver = false
  /** The peer's streams above this one are ignored: it was told so. */
  acceptsUpTo = streamIdMax
  protected readonly owner: SessionOwner
  protected readonly options: SessionOptions
  protected readonly allowances: Allowances
  protected readonly resetIds = new Set<number>()
  /** Our next stream. */
  protected nextId = 1
  /** What the peer may still send on the whole connection, in bytes. */
  protected receiveWindow = windowBytesDefault
  #owedBytes = 0

  constructor(output: FrameOutput, owner: SessionOwner, options: SessionOptions) {
    super(output, options.encoderTableBytes, options.held)
    this.owner = owner
    this.options = options
    this.allowances = new Allowances(options.abuse)
  }

  /** Whether a stream can be begun now. */
  get canOpen(): boolean {
    const { streamsMax } = this.peer
    return !this.isOver && (streamsMax === null || this.streams.size < streamsMax) && this.nextId <= streamIdMax
  }

  /** Begins a stream of ours. */
  open(stream: Http2Stream): void {
    this.add(stream, this.nextId)
    this.nextId += 2
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
    this.owner.onFailed(code)
  }

  shed(): void {
    this.fail(errorCode.enhanceYourCalm)
  }

  /** Resets a stream. */
  reset(stream: Http2Stream, code: number): void {
    if (stream.isGone) return
    this.writeFrames(resetFrame(stream.id, code))
    this.remember(stream.id)
    this.#remove(stream)
  }

  /** Takes a stream out that the peer has not seen. */
  forget(stream: Http2Stream): void {
    this.#remove(stream)
  }

  /** Gives bytes back to the peer's windows that were taken from a stream. */
  consumed(stream: Http2Stream, count: number): void {
    this.consumedOnConnection(count)
    if (stream.remoteEnded || stream.isGone) return
    stream.owedBytes += count
    if (stream.owedBytes * 2 < this.options.flow.streamWindowBytes) return
    stream.receiveWindow += stream.owedBytes
    this.writeFrames(windowUpdateFrame(stream.id, stream.owedBytes))
    stream.owedBytes = 0
  }

  protected consumedOnConnection(count: number): void {
    this.#owedBytes += count
    if (this.#owedBytes * 2 < this.options.flow.connectionWindowBytes || this.isOver) return
    this.receiveWindow += this.#owedBytes
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
    if (this.options.isServer && stream.stopsRequest) this.reset(stream, errorCode.noError)
  }

  protected override onDataSent(): void {
    this.allowances.give('windowUpdates', 4)
    this.allowances.give('pings', 1)
  }

  protected add(stream: Http2Stream, streamId: number): void {
    stream.id = streamId
    stream.sendWindow = this.streamSendWindow
    stream.receiveWindow = this.options.flow.streamWindowBytes
    this.streams.set(streamId, stream)
  }

  protected closeWhenDone(stream: Http2Stream): void {
    if (stream.localEnded && stream.remoteEnded) this.#remove(stream)
  }

  #remove(stream: Http2Stream): void {
    if (stream.isGone) return
    stream.isGone = true
    this.streams.delete(stream.id)
    this.dropQueue(stream)
    this.owner.onStreamGone()
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
  protected provoked(stream: Http2Stream, code: number): void {
    if (!this.provokedReset(stream, code)) return
    stream.onReset(code)
  }

  /** Resets a stream because of what the peer sent; false when that came too often, and the connection has ended. */
  provokedReset(stream: Http2Stream, code: number): boolean {
    if (!this.allow('provokedResets')) return false
    this.reset(stream, code)
    return true
  }

  protected streamError(streamId: number, code: number): void {
    const stream = this.streams.get(streamId)
    if (stream !== undefined) this.provoked(stream, code)
    else if (this.allow('provokedResets')) this.writeFrames(resetFrame(streamId, code))
  }

  protected remember(streamId: number): void {
    this.resetIds.add(streamId)
    if (this.resetIds.size <= resetIdsMax) return
    for (const oldest of this.resetIds) {
      this.resetIds.delete(oldest)
      break
    }
  }

  protected allow(name: AllowanceName): boolean {
    if (this.allowances.take(name, this.options.time.coarseMs)) return true
    this.fail(errorCode.enhanceYourCalm)
    return false
  }
}
