/** What an HTTP/2 server connection is told when it is made. */
import type { Http1ServerOptions } from '../http1/server-options.ts'
import type { AbuseLedger } from './abuse-ledger.ts'
import { type AbuseLimits, defaultAbuseLimits, defaultFlowLimits, type FlowLimits } from './limits.ts'

/** Settings of an entry point for HTTP/2. */
export interface Http2ServerSettings {
  /** Requests at a time on one connection. */
  readonly streamsMax: number
  /** Largest header list of a request as RFC 9113 §6.5.2 counts it, in bytes. */
  readonly headBytesMax: number
  /** Largest header tables, in bytes. */
  readonly decoderTableBytes: number
  readonly encoderTableBytes: number
  /** Offers extended CONNECT (RFC 8441), by which WebSocket comes over HTTP/2. */
  readonly extendedConnect: boolean
  readonly flow: FlowLimits
  readonly abuse: AbuseLimits
  /** Remembers addresses that asked too much, whose new connections are sent away; null when nobody is. */
  readonly ledger: AbuseLedger | null
  /** Addresses that speak for others, and so are never sent away. */
  readonly forwarders: { contains(ip: string): boolean } | null
}

/** What Go allows beyond `maxHeaderBytes` over HTTP/2, in bytes. */
export const headBytesSlack = 320

/** Settings where nothing else is said. */
export const defaultHttp2Settings: Http2ServerSettings = {
  streamsMax: 250,
  headBytesMax: 1024 * 1024 + headBytesSlack,
  decoderTableBytes: 4096,
  encoderTableBytes: 4096,
  extendedConnect: false,
  flow: defaultFlowLimits,
  abuse: defaultAbuseLimits,
  ledger: null,
  forwarders: null,
}

/** Options that all connections of an entry point share, whatever version they speak. New settings hold for new connections. */
export interface Http2ServerOptions extends Http1ServerOptions {
  readonly http2: Http2ServerSettings
}
