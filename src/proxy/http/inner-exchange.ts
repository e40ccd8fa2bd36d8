/**
 * An exchange within an exchange: a middleware or service that may ask more than once, or answer differently from what it was answered, runs what follows on
 * an exchange of its own, with hooks and header of its own, and lets its answer through to the outer one, or drops it.
 */
import type { Transport } from '../transport/transport.ts'
import type { BodySource, ResponseProducer } from './body.ts'
import { Exchange, type ExchangeObserver, type Handler, type ResponseSink } from './exchange.ts'
import type { HeaderList } from './header-list.ts'
import type { Reason } from './reasons.ts'
import { fail } from './respond.ts'

/** Bytes of a dropped answer that are still read, so that its connection can be used again. */
const droppedBytesMax = 64 * 1024

/** Judges inner answers. */
export interface AnswerGate {
  /** Whether the answer whose head has come goes to the client. Its status and header may be changed here. */
  admits(inner: Exchange): boolean
  /** An answer was dropped; nothing of it has reached the client, and the gate's owner answers in its place. */
  onDropped(inner: Exchange): void
  /** Whether interim answers (1xx) go to the client. */
  readonly passesInformational: boolean
}

/** Lets every answer pass. */
export const admitAll: AnswerGate = { passesInformational: true, admits: () => true, onDropped() {} }

/** A new exchange for the same request: its own copy of the request's header, and the body that is given. */
export function innerExchange(outer: Exchange, body: BodySource | null, sink: ResponseSink): Exchange {
  const inner = new Exchange(outer.connection, outer.entryPoint, outer.headers.clone(), sink)
  inner.startedMs = outer.startedMs
  inner.method = outer.method
  inner.scheme = outer.scheme
  inner.hostRaw = outer.hostRaw
  inner.host = outer.host
  inner.flatHost = outer.flatHost
  inner.path = outer.path
  inner.rawQuery = outer.rawQuery
  inner.hasQuery = outer.hasQuery
  inner.writtenQuery = outer.writtenQuery
  inner.protocol = outer.protocol
  inner.body = body
  inner.upgrade = outer.upgrade
  inner.suppressForwardedFor = outer.suppressForwardedFor
  inner.pathReplaced = outer.pathReplaced
  inner.upstreamHost = outer.upstreamHost
  inner.routerName = outer.routerName
  inner.routerCounters = outer.routerCounters
  inner.measured = outer.measured
  inner.username = outer.username
  inner.wantsOriginHeaders = outer.wantsOriginHeaders
  inner.retryAttempts = outer.retryAttempts
  return inner
}

/** Runs a handler on an inner exchange of `outer`, whose answer goes through the gate. */
export function runInner(outer: Exchange, body: BodySource | null, handler: Handler, gate: AnswerGate): void {
  const relay = new AnswerRelay(outer, gate)
  relay.run(innerExchange(outer, body, relay), handler)
}

/** Calls a handler so that neither a throw nor a rejection is lost: the exchange then fails as after any fault of ours. */
export function runContained(exchange: Exchange, handler: Handler): void {
  try {
    const running = handler(exchange)
    if (running instanceof Promise) running.catch(() => fail(exchange, 500, 'internal_error'))
  } catch {
    fail(exchange, 500, 'internal_error')
  }
}

/** What the logs and counters tell of the inner exchange is told of the outer one. */
export function takeFacts(outer: Exchange, inner: Exchange): void {
  outer.routerName = inner.routerName
  outer.serviceName = inner.serviceName
  outer.serviceCounters = inner.serviceCounters
  outer.serverUrl = inner.serverUrl
  outer.serverAddress = inner.serverAddress
  outer.username = inner.username
  outer.originStatus = inner.originStatus
  outer.originBytes = inner.originBytes
  outer.originDurationMs = inner.originDurationMs
  outer.originHeaders = inner.originHeaders
  outer.retryAttempts = inner.retryAttempts
  if (!inner.accessLogged) outer.accessLogged = false
  if (inner.closeAfter) outer.closeAfter = true
  if (inner.reason !== null) outer.reason ??= inner.reason
}

/** Stands between an inner exchange, whose sink it is, and the outer one. */
export class AnswerRelay implements ResponseSink, ResponseProducer, ExchangeObserver {
  readonly #outer: Exchange
  readonly #gate: AnswerGate
  #inner: Exchange | null = null
  #isDropped = false
  #droppedBytes = 0

  constructor(outer: Exchange, gate: AnswerGate) {
    this.#outer = outer
    this.#gate = gate
  }

  /** Runs the handler on the inner exchange, once. */
  run(inner: Exchange, handler: Handler): void {
    const outer = this.#outer
    this.#inner = inner
    if (outer.aborted !== null || outer.finished) {
      inner.aborted = outer.aborted ?? 'client_gone'
      inner.finish()
      return
    }
    outer.producer = this
    outer.addObserver(this)
    runContained(inner, handler)
  }

  informational(_inner: Exchange, status: number, headers: HeaderList): void {
    if (!this.#isDropped && this.#gate.passesInformational) this.#outer.sink.informational(this.#outer, status, headers)
  }

  head(inner: Exchange): void {
    const outer = this.#outer
    if (outer.finished || outer.responseStarted) {
      this.#drop(inner)
      return
    }
    if (!this.#gate.admits(inner)) {
      this.#drop(inner)
      if (outer.producer === this) outer.producer = null
      // Not from within the server's answer: what is asked next may need the connection that brings it.
      queueMicrotask(() => {
        if (!outer.finished && outer.aborted === null) this.#gate.onDropped(inner)
      })
      return
    }
    takeFacts(outer, inner)
    outer.status = inner.status
    outer.statusText = inner.statusText
    outer.responseLength = inner.responseLength
    if (outer.responseHeaders.length === 0) outer.responseHeaders = inner.responseHeaders
    else for (const [name, value] of inner.responseHeaders) outer.responseHeaders.add(name, value)
    outer.startResponse()
  }

  write(inner: Exchange, chunk: Uint8Array): boolean {
    if (!this.#isDropped) return this.#outer.sink.write(this.#outer, chunk)
    this.#droppedBytes += chunk.length
    if (this.#droppedBytes > droppedBytesMax) giveUp(inner)
    return true
  }

  writeText(_inner: Exchange, text: string): void {
    if (!this.#isDropped) this.#outer.sink.writeText(this.#outer, text)
  }

  end(inner: Exchange): void {
    if (this.#isDropped) {
      inner.finish()
      return
    }
    const outer = this.#outer
    takeFacts(outer, inner)
    outer.responseTrailers = inner.responseTrailers
    if (outer.producer === this) outer.producer = null
    outer.sink.end(outer)
  }

  abort(inner: Exchange, reason: Reason): void {
    if (this.#isDropped) {
      inner.finish()
      return
    }
    takeFacts(this.#outer, inner)
    if (this.#outer.producer === this) this.#outer.producer = null
    this.#outer.sink.abort(this.#outer, reason)
  }

  upgrade(inner: Exchange, server: Transport, early: Buffer | null): void {
    const outer = this.#outer
    if (this.#isDropped) {
      server.destroy()
      inner.finish()
      return
    }
    inner.runResponseHooks()
    takeFacts(outer, inner)
    outer.status = inner.status
    outer.statusText = inner.statusText
    outer.responseHeaders = inner.responseHeaders
    outer.producer = null
    outer.sink.upgrade(outer, server, early)
  }

  onDrain(): void {
    this.#inner?.producer?.onDrain()
  }

  onAbort(reason: Reason): void {
    this.#inner?.abort(reason)
  }

  onFinish(outer: Exchange): void {
    const inner = this.#inner
    if (inner === null || this.#isDropped) return
    if (outer.aborted === null) takeFacts(outer, inner)
    inner.finish()
  }

  #drop(inner: Exchange): void {
    this.#isDropped = true
    if (inner.finished) return
    if (inner.responseLength > droppedBytesMax) giveUp(inner)
  }
}

function giveUp(inner: Exchange): void {
  inner.abort('answer_dropped')
  inner.finish()
}
