import { type Static, mapOf, object, optional } from '../schema/kit.ts'
import { httpMiddleware } from './middlewares.ts'
import { httpModel, httpRouter, tcpRouter, udpRouter } from './routers.ts'
import { httpService } from './services.ts'
import { tcpMiddleware } from './tcp-middlewares.ts'
import { tcpService } from './tcp-services.ts'
import { tlsConfiguration } from './tls.ts'
import { httpServersTransport, tcpServersTransport } from './transports.ts'
import { udpService } from './udp-services.ts'

/** The whole routing (dynamic) configuration: what providers publish. */
export const routingConfiguration = object('What providers publish: routers, services, middlewares, transports and TLS.', {
  http: optional(
    object('Everything for HTTP.', {
      routers: mapOf('Routers by name.', httpRouter),
      services: mapOf('Services by name.', httpService),
      middlewares: mapOf('Middlewares by name.', httpMiddleware),
      models: mapOf('What routers inherit, by entry point.', httpModel),
      serversTransports: mapOf('Transports by name.', httpServersTransport, { noLabel: true }),
    }),
  ),
  tcp: optional(
    object(
      'Everything for TCP.',
      {
        routers: mapOf('Routers by name.', tcpRouter),
        services: mapOf('Services by name.', tcpService),
        middlewares: mapOf('Middlewares by name.', tcpMiddleware),
        serversTransports: mapOf('Transports by name.', tcpServersTransport, { noLabel: true }),
      },
      { ignored: ['models'] },
    ),
  ),
  udp: optional(
    object('Everything for UDP.', {
      routers: mapOf('Routers by name.', udpRouter),
      services: mapOf('Services by name.', udpService),
    }),
  ),
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
