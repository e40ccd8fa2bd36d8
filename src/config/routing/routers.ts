import { routerMetadata, routerTls } from './shared.ts'
import { type Static, bigInt, bool, object, objectList, optional, text, textList } from '../schema/kit.ts'
import { tlsDomain } from '../tls-domain.ts'

/** An HTTP router: which requests, through which middlewares, to which service. */
export const httpRouter = object('@@d:http.routers.<name>@@', {
  entryPoints: textList('@@d:http.routers.<name>.entryPoints@@', { effective: 'the entryPoints with asDefault, or else all TCP ones but "traefik"' }),
  middlewares: textList('@@d:http.routers.<name>.middlewares@@'),
  service: text('@@d:http.routers.<name>.service@@'),
  rule: text('@@d:http.routers.<name>.rule@@'),
  parentRefs: textList('@@d:http.routers.<name>.parentRefs@@', { noLabel: true }),
  ruleSyntax: text('@@d:http.routers.<name>.ruleSyntax@@', { deprecated: 'Please do not use this field and rewrite the router rules to use the v3 syntax', effective: 'core.defaultRuleSyntax where given (then filled in), or else v3', values: ['v3', 'v2'] }),
  priority: bigInt('@@d:http.routers.<name>.priority@@', { effective: 'len(rule)' }),
  tls: optional(object('@@d:http.routers.<name>.tls@@', routerTls, { allowEmpty: true })),
  observability: optional(object('@@d:http.routers.<name>.observability@@', {
    accessLogs: optional(bool('@@d:http.routers.<name>.observability.accessLogs@@', { effective: 'value of the entryPoint, or else true' })),
    metrics: optional(bool('@@d:http.routers.<name>.observability.metrics@@', { effective: 'value of the entryPoint, or else true' })),
    tracing: optional(bool('@@d:http.routers.<name>.observability.tracing@@', { effective: 'value of the entryPoint, or else true' })),
    traceVerbosity: text('@@d:http.routers.<name>.observability.traceVerbosity@@', { default: 'minimal', values: ['minimal', 'detailed'] }),
    metadata: optional(object('@@d:http.routers.<name>.observability.metadata@@', routerMetadata, { internal: true })),
  })),
  defaultRule: bool('@@d:http.routers.<name>.defaultRule@@', { only: ['kv'] }),
})

/** A decoded HTTP router. */
export type HttpRouter = Static<typeof httpRouter>

/** What routers of an entry point inherit; only the internal models have an effect. */
export const httpModel = object('@@d:http.models.<name>@@', {
  middlewares: textList('@@d:http.models.<name>.middlewares@@'),
  tls: optional(object('@@d:http.models.<name>.tls@@', routerTls, { allowEmpty: true })),
  observability: object('@@d:http.models.<name>.observability@@', {
    accessLogs: optional(bool('@@d:http.models.<name>.observability.accessLogs@@')),
    metrics: optional(bool('@@d:http.models.<name>.observability.metrics@@')),
    tracing: optional(bool('@@d:http.models.<name>.observability.tracing@@')),
    traceVerbosity: text('@@d:http.models.<name>.observability.traceVerbosity@@'),
    metadata: optional(object('@@d:http.models.<name>.observability.metadata@@', routerMetadata, { internal: true })),
  }),
})

/** A decoded model. */
export type HttpModel = Static<typeof httpModel>

/** A TCP router: which connections, through which middlewares, to which service. */
export const tcpRouter = object('@@d:tcp.routers.<name>@@', {
  entryPoints: textList('@@d:tcp.routers.<name>.entryPoints@@', { effective: 'the entryPoints with asDefault, or else all TCP ones but "traefik"' }),
  middlewares: textList('@@d:tcp.routers.<name>.middlewares@@'),
  service: text('@@d:tcp.routers.<name>.service@@'),
  rule: text('@@d:tcp.routers.<name>.rule@@'),
  ruleSyntax: text('@@d:tcp.routers.<name>.ruleSyntax@@', { deprecated: 'Please do not use this field and rewrite the router rules to use the v3 syntax', effective: 'core.defaultRuleSyntax where given (then filled in), or else v3', values: ['v3', 'v2'] }),
  priority: bigInt('@@d:tcp.routers.<name>.priority@@', { effective: '-1 for HostSNI(`*`) alone, or else len(rule)' }),
  tls: optional(object('@@d:tcp.routers.<name>.tls@@', {
    passthrough: bool('@@d:tcp.routers.<name>.tls.passthrough@@', { pointer: true }),
    options: text('@@d:tcp.routers.<name>.tls.options@@', { effective: 'default' }),
    certResolver: text('@@d:tcp.routers.<name>.tls.certResolver@@'),
    domains: objectList('@@d:tcp.routers.<name>.tls.domains@@', tlsDomain),
  }, { allowEmpty: true })),
})

/** A decoded TCP router. */
export type TcpRouter = Static<typeof tcpRouter>

/** A UDP router: which entry points, to which service. */
export const udpRouter = object('@@d:udp.routers.<name>@@', {
  entryPoints: textList('@@d:udp.routers.<name>.entryPoints@@', { effective: 'all UDP entryPoints' }),
  service: text('@@d:udp.routers.<name>.service@@'),
})

/** A decoded UDP router. */
export type UdpRouter = Static<typeof udpRouter>
