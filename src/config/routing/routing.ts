import { httpMiddleware } from './middlewares.ts'
import { httpModel, httpRouter, tcpRouter, udpRouter } from './routers.ts'
import { httpService } from './services.ts'
import { tcpMiddleware } from './tcp-middlewares.ts'
import { tcpService } from './tcp-services.ts'
import { tlsConfiguration } from './tls.ts'
import { httpServersTransport, tcpServersTransport } from './transports.ts'
import { udpService } from './udp-services.ts'
import { type Static, mapOf, object, optional } from '../schema/kit.ts'

/** The whole routing (dynamic) configuration: what providers publish. */
export const routingConfiguration = object('What providers publish: routers, services, middlewares, transports and TLS.', {
  http: optional(object('@@d:http@@', {
    routers: mapOf('@@d:http.routers@@', httpRouter),
    services: mapOf('@@d:http.services@@', httpService),
    middlewares: mapOf('@@d:http.middlewares@@', httpMiddleware),
    models: mapOf('@@d:http.models@@', httpModel),
    serversTransports: mapOf('@@d:http.serversTransports@@', httpServersTransport, { noLabel: true }),
  })),
  tcp: optional(object('@@d:tcp@@', {
    routers: mapOf('@@d:tcp.routers@@', tcpRouter),
    services: mapOf('@@d:tcp.services@@', tcpService),
    middlewares: mapOf('@@d:tcp.middlewares@@', tcpMiddleware),
    serversTransports: mapOf('@@d:tcp.serversTransports@@', tcpServersTransport, { noLabel: true }),
  })),
  udp: optional(object('@@d:udp@@', {
    routers: mapOf('@@d:udp.routers@@', udpRouter),
    services: mapOf('@@d:udp.services@@', udpService),
  })),
  tls: optional(tlsConfiguration),
})

/** A decoded routing configuration; whole snapshots, as a provider publishes them. */
export type RoutingConfiguration = Static<typeof routingConfiguration>

export type { HttpMiddleware } from './middlewares.ts'
export type { HttpModel, HttpRouter, TcpRouter, UdpRouter } from './routers.ts'
export type { HttpService } from './services.ts'
export type { TcpMiddleware } from './tcp-middlewares.ts'
export type { TcpService } from './tcp-services.ts'
export type { TlsConfiguration } from './tls.ts'
export type { HttpServersTransport, TcpServersTransport } from './transports.ts'
export type { UdpService } from './udp-services.ts'
