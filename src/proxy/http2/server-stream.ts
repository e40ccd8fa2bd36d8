/** One request on an HTTP/2 connection: the exchange's outermost sink, and the source of its body. */
import type { Timer, TimerOwner } from '../../std/timer-wheel.ts'
import type { BodyConsumer, BodySource } from '../http/body.ts'
import type { Exchange, ResponseSink } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import type { LeavingTunnel, TunnelEntry } from '../http/open-tunnels.ts'
import type { Reason } from '../http/reasons.ts'
import { fail } from '../http/respond.ts'
import { isTrailerAllowed } from '../http1/syntax.ts'
import type { Transport } from '../transport/transport.ts'
import { errorCode } from './error-codes.ts'
import { fieldKind } from './field.ts'
import type { HpackDecoder } from './hpack-decoder.ts'
import { finalHead, headOf } from './response-head.ts'
import type { Http2ServerConnection } from './server-connection.ts'
import { StreamTunnel } from './stream-tunnel.ts'
import { Http2Stream } from './stream.ts'

/** A request and its answer. */
export class ServerStream extends Http2Stream implements ResponseSink, BodySource, TimerOwner, LeavingTunnel {
  exchange: Exchange | null = null
  /** The client waits for 100 before it sends its body. */
  owesContinue = false

  // The body, as its source.
  length = -1
  ended = false
  readonly #connection: Http2ServerConnection
  #headSeen = false
  #consumer: BodyConsumer | null = null
  #isPaused = false
  #isDiscarded = false
  #receivedBytes = 0
  /** Chunks that came while nobody took them. */
  #held: Buffer[] | null = null
  #trailers: HeaderList | null = null
  #failure: Reason | null = null

  // The answer.
  #headSent = false
  #endCalled = false
  /** Bytes of the answer that are still to come; -1 when nobody knows. */
  #left = -1
  #mayHaveTrailers = false
  #timer: Timer | null = null
  #headAtMs = 0
  #tunnel: StreamTunnel | null = null
  #tunnelEntry: TunnelEntry | null = null

  constructor(connection: Http2ServerConnection) {
    super()
    this.#connection = connection
  }

  // What comes from the client.

  onFields(decoder: HpackDecoder, isEnd: boolean): void {
    if (this.#headSeen) {
      this.#onTrailers(decoder, isEnd)
      return
    }
    this.#headSeen = true
    this.#headAtMs = this.#connection.wheel.coarseMs
    this.#connection.onRequest(this, decoder, isEnd)
  }

  #onTrailers(decoder: HpackDecoder, isEnd: boolean): void {
    const trailers = new HeaderList()
    let isSound = isEnd && !decoder.isTooLarge
    for (let index = 0; index < decoder.count; index += 1) {
      const field = decoder.fields[index]!
      if (field.kind === fieldKind.regular || field.kind === fieldKind.priority) {
        if (isTrailerAllowed(field.key)) trailers.push(field.name, field.key, field.value)
      } else if (field.kind < fieldKind.host) {
        isSound = false
      }
    }
    if (!isSound) {
      this.#malformed()
      return
    }
    this.#complete(trailers.length === 0 ? null : trailers)
  }

  onData(chunk: Buffer): void {
    const { session } = this.#connection
    this.#receivedBytes += chunk.length
    if (this.length >= 0 && this.#receivedBytes > this.length) {
      this.#malformed()
      return
    }
    if (this.exchange !== null) this.exchange.requestBytes += chunk.length
    if (this.#tunnel !== null) {
      this.#tunnel.fromStream(chunk)
    } else if (this.#consumer !== null && !this.#isPaused && this.#held === null) {
      this.#updateTimer()
      this.#consumer.onBodyChunk(chunk)
      session.consumed(this, chunk.length)
    } else if (this.#isDiscarded || this.exchange === null) {
      session.consumed(this, chunk.length)
    } else {
      if (this.#held === null) this.#held = [Buffer.from(chunk)]
      else this.#held.push(Buffer.from(chunk))
      session.hold(chunk.length)
    }
  }

  onEnd(): void {
    this.#complete(null)
  }

  #complete(trailers: HeaderList | null): void {
    if (this.length >= 0 && this.#receivedBytes !== this.length) {
      this.#malformed()
      return
    }
    this.#trailers = trailers
    if (this.#tunnel !== null) this.#tunnel.streamEnded()
    else if (this.#held === null) this.#deliverEnd()
  }

  #deliverEnd(): void {
    const consumer = this.#consumer
    // Whoever has not asked yet is told when he does.
    if (this.ended || (consumer === null && !this.#isDiscarded)) return
    this.ended = true
    this.#updateTimer()
    consumer?.onBodyEnd(this.#trailers)
  }

  #malformed(): void {
    if (this.#connection.session.provokedReset(this, errorCode.protocolError)) this.#giveUp('bad_request')
  }

  onReset(_code: number): void {
    this.#giveUp('client_gone')
  }

  /** Ends what is under way, without an answer. */
  #giveUp(reason: Reason): void {
    this.#release()
    const { exchange } = this
    this.exchange = null
    this.#tunnel?.streamReset()
    if (exchange === null) return
    if (!exchange.responseStarted && exchange.status === 0) exchange.status = 499
    exchange.abort(reason)
    this.#failBody(reason)
    exchange.finish()
  }

  // The body, as its source sees it.

  start(consumer: BodyConsumer): void {
    if (this.#consumer !== null) throw new Error('request body: started twice')
    if (this.#failure !== null) {
      consumer.onBodyError(this.#failure)
      return
    }
    if (this.#isDiscarded) throw new Error('request body: started after it was discarded')
    this.#consumer = consumer
    if (this.owesContinue && this.exchange !== null) this.informational(this.exchange, 100, noFields)
    this.#updateTimer()
    this.#deliverHeld()
  }

  pause(): void {
    this.#isPaused = true
    this.#updateTimer()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#updateTimer()
    this.#deliverHeld()
  }

  discard(): void {
    if (this.#isDiscarded || this.ended) return
    this.#isDiscarded = true
    this.#isPaused = false
    this.#consumer = null
    this.#dropHeld()
    if (this.remoteEnded) this.#deliverEnd()
    this.#updateTimer()
  }

  #deliverHeld(): void {
    const { session } = this.#connection
    while (this.#held !== null && this.#consumer !== null && !this.#isPaused) {
      const chunk = this.#held.shift()
      if (chunk === undefined) {
        this.#held = null
        break
      }
      session.release(chunk.length)
      this.#consumer.onBodyChunk(chunk)
      session.consumed(this, chunk.length)
    }
    if (this.#held === null && this.remoteEnded && !this.#isPaused) this.#deliverEnd()
  }

  #dropHeld(): void {
    const held = this.#held
    if (held === null) return
    this.#held = null
    let bytes = 0
    for (const chunk of held) bytes += chunk.length
    this.#connection.session.release(bytes)
    this.#connection.session.consumed(this, bytes)
  }

  #failBody(reason: Reason): void {
    if (this.ended || this.#failure !== null) return
    this.#failure = reason
    const consumer = this.#consumer
    this.#consumer = null
    if (!this.#isDiscarded) consumer?.onBodyError(reason)
  }

  /** Lets go of everything that is held. */
  #release(): void {
    this.#dropHeld()
    this.#timer?.close()
  }

  // The answer.

  informational(exchange: Exchange, status: number, headers: HeaderList): void {
    if (exchange !== this.exchange || this.#headSent) return
    if (status === 100) {
      if (!this.owesContinue) return
      this.owesContinue = false
    }
    const { session } = this.#connection
    session.sendFields(this, headOf(session.encoder, status, headers), false)
  }

  head(exchange: Exchange): void {
    if (exchange !== this.exchange || this.#headSent) return
    this.#headSent = true
    const { session } = this.#connection
    const { status, responseLength } = exchange
    const hasNoBody = exchange.method === 'HEAD' || status === 204 || status === 304
    this.#left = hasNoBody ? 0 : responseLength
    // Where nothing is to come there are no trailers either: clients of gRPC read a status in the head by its being the end.
    this.#mayHaveTrailers = !hasNoBody && (exchange.responseHeaders.has('trailer') || exchange.headers.has('te'))
    session.sendFields(this, finalHead(session.encoder, exchange), this.#left === 0)
    if (exchange.closeAfter) this.#connection.finishSoon()
  }

  write(exchange: Exchange, chunk: Uint8Array): boolean {
    if (exchange !== this.exchange || chunk.length === 0 || !this.#mayWrite(exchange, chunk.length)) return true
    return this.#connection.session.sendData(this, chunk, this.#left === 0 && !this.#mayHaveTrailers)
  }

  writeText(exchange: Exchange, text: string): void {
    if (exchange !== this.exchange || text === '' || !this.#mayWrite(exchange, text.length)) return
    this.#connection.session.sendText(this, text, this.#left === 0 && !this.#mayHaveTrailers)
  }

  #mayWrite(exchange: Exchange, length: number): boolean {
    if (this.localEnded || this.endsWhenSent) return false
    if (this.#left >= 0) {
      if (length > this.#left) {
        // More than was announced: a body that can be trusted in no part.
        exchange.abort('internal_error')
        this.abort(exchange, 'internal_error')
        return false
      }
      this.#left -= length
    }
    exchange.responseBytes += length
    return true
  }

  end(exchange: Exchange): void {
    if (exchange !== this.exchange || !this.#headSent) return
    if (this.#left > 0) {
      this.abort(exchange, 'upstream_cut')
      return
    }
    this.#endCalled = true
    if (this.localEnded) this.#finish()
    else if (!this.endsWhenSent) this.#connection.session.sendEnd(this, exchange.responseTrailers)
  }

  onSent(): void {
    if (this.#endCalled) this.#finish()
    this.#tunnel?.streamSent()
  }

  #finish(): void {
    const { exchange } = this
    this.exchange = null
    this.#release()
    this.#isDiscarded = true
    this.#consumer = null
    exchange?.finish()
  }

  onWritable(): void {
    if (this.#tunnel !== null) this.#tunnel.streamWritable()
    else this.exchange?.producer?.onDrain()
  }

  abort(exchange: Exchange, reason: Reason): void {
    if (exchange !== this.exchange) return
    exchange.reason ??= reason
    exchange.aborted ??= reason
    this.exchange = null
    this.#release()
    this.#connection.session.reset(this, errorCode.internalError)
    exchange.finish()
  }

  upgrade(exchange: Exchange, server: Transport, early: Buffer | null): void {
    if (exchange !== this.exchange || this.#headSent || exchange.upgrade === '') {
      server.destroy()
      this.abort(exchange, 'internal_error')
      return
    }
    const { session } = this.#connection
    this.#headSent = true
    exchange.responseStarted = true
    exchange.runResponseHooks()
    // RFC 8441 §5: an extended CONNECT is accepted by 200; the handshake's key and answer mean nothing here.
    exchange.responseHeaders.delete('sec-websocket-accept')
    this.stopsRequest = false
    this.#timer?.close()
    session.sendFields(this, headOf(session.encoder, 200, exchange.responseHeaders), false)
    const held = this.#held
    this.#held = null
    const { wheel, tunnels } = this.#connection
    const isWebSocket = exchange.upgrade === 'websocket'
    const onOver = (): void => this.#tunnelOver(tunnel)
    const tunnel = new StreamTunnel({ session, stream: this, server, wheel, isWebSocket, onOver })
    this.#tunnel = tunnel
    this.#tunnelEntry = tunnels?.add(exchange, this) ?? null
    tunnel.start(early)
    for (const chunk of held ?? []) {
      session.release(chunk.length)
      tunnel.fromStream(chunk)
    }
    if (this.remoteEnded) tunnel.streamEnded()
  }

  /** Ends a tunnel, a WebSocket with close frames to both sides, and says why in the access log. */
  goAway(reason: Reason): void {
    if (this.exchange !== null) this.exchange.reason ??= reason
    this.#tunnel?.goAway()
  }

  #tunnelOver(tunnel: StreamTunnel): void {
    const { exchange } = this
    this.#tunnelEntry?.close()
    this.exchange = null
    if (exchange === null) return
    exchange.responseBytes += tunnel.bytesFromServer
    exchange.finish()
  }

  get isTunnel(): boolean {
    return this.#tunnel !== null
  }

  // Time.

  /** The exchange has begun: limits hold from now on. */
  watch(): void {
    this.#updateTimer()
  }

  #updateTimer(): void {
    const { bodyIdleMs, totalMs, writeMs } = this.#connection.timeouts
    const awaitsBody = !this.remoteEnded && this.#tunnel === null
    if ((!awaitsBody || (bodyIdleMs === 0 && totalMs === 0)) && writeMs === 0) {
      this.#timer?.clear()
      return
    }
    const { wheel } = this.#connection
    let deadlineMs = Number.POSITIVE_INFINITY
    if (awaitsBody) {
      if (totalMs > 0) deadlineMs = this.#headAtMs + totalMs
      if (bodyIdleMs > 0 && this.#consumer !== null && !this.#isPaused) deadlineMs = Math.min(deadlineMs, wheel.coarseMs + bodyIdleMs)
    }
    if (writeMs > 0) deadlineMs = Math.min(deadlineMs, this.#headAtMs + writeMs)
    if (deadlineMs === Number.POSITIVE_INFINITY) {
      this.#timer?.clear()
      return
    }
    this.#timer ??= wheel.timer(this)
    this.#timer.setAt(deadlineMs)
  }

  onTimer(): void {
    const { exchange } = this
    if (exchange === null) return
    const isRequestLate = !this.remoteEnded
    exchange.abort('request_timeout')
    if (!isRequestLate) {
      // The answer took too long: its rest would come too late as well.
      this.abort(exchange, 'request_timeout')
      return
    }
    this.#failBody('request_timeout')
    if (this.exchange === exchange) fail(exchange, 408, 'request_timeout')
  }
}

const noFields = new HeaderList()
