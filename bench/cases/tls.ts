/**
 * TLS: small GETs over HTTP/1.1 on connections that stay, the same over HTTP/2, both passed on over plain HTTP/1.1; and full handshakes. All peers
 * have the same ECDSA certificate.
 */
import { comparePeers } from '../lib/compare-peers.ts'
import type { BenchCase } from '../lib/context.ts'
import { h2load, handshakes } from '../lib/generators.ts'
import { wrk } from '../lib/wrk.ts'

const scenario = { protocol: 'https' } as const

/** HTTP/1.1 over TLS. */
export const tlsHttp1: BenchCase = {
  name: 'TLS HTTP/1.1',
  run: (context) =>
    comparePeers(context, {
      name: 'TLS HTTP/1.1',
      scenario,
      load: (port) => wrk({ url: `https://127.0.0.1:${port}/`, connections: 64 }),
      limits: { nginx: 1.25, traefik: 0.5 },
    }),
}

/** HTTP/2 over TLS. */
export const tlsHttp2: BenchCase = {
  name: 'HTTP/2 over TLS',
  run: (context) =>
    comparePeers(context, {
      name: 'HTTP/2 over TLS',
      scenario,
      load: (port) => h2load({ url: `https://127.0.0.1:${port}/`, connections: 32, streams: 8 }),
      limits: { nginx: 1, traefik: 0.25 },
    }),
}

/** Full handshakes. */
export const tlsHandshakes: BenchCase = {
  name: 'full TLS handshakes',
  run: (context) =>
    comparePeers(context, {
      name: 'full TLS handshake',
      scenario,
      load: (port) => handshakes({ port, atOnce: 8 }),
      limits: { nginx: 1.5 },
      what: 'handshake',
    }),
}
