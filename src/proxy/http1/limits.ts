/** How much of a message may be taken in before it is refused. */

/** Limits of one side of HTTP/1.1 connections; all of them are inclusive. */
export interface Http1Limits {
  /** Bytes of a head, start line included. Traefik's `maxHeaderBytes` lets 4,096 bytes more through than it says. */
  readonly headBytesMax: number
  /** Number of header fields. */
  readonly headersMax: number
  /** Bytes of chunk extensions over a whole body. */
  readonly chunkExtensionBytesMax: number
  /** Bytes of the trailer section. */
  readonly trailerBytesMax: number
  /** Number of trailer fields. */
  readonly trailersMax: number
}

/** What Go allows beyond `maxHeaderBytes`, in bytes. */
export const headBytesSlack = 4096

/** Limits where nothing else is said. */
export const defaultHttp1Limits: Http1Limits = {
  headBytesMax: 1024 * 1024 + headBytesSlack,
  headersMax: 1000,
  chunkExtensionBytesMax: 16 * 1024,
  trailerBytesMax: 64 * 1024,
  trailersMax: 100,
}
