import { type Static, bigInt, bool, object, objectList, optional, text, textList } from '../schema/kit.ts'
import { tlsDomain } from '../tls-domain.ts'
import { routerMetadata, routerTls } from './shared.ts'

/** An HTTP router: which requests, through which middlewares, to which service. */
export const httpRouter = object(
  'A router: which requests, through which middlewares, to which service.',
  {
    entryPoints: textList('Names of the entry points that the router is on.', {
      effective: 'the entry points with asDefault, or else all TCP ones but traefik',
    }),
    middlewares: textList('Names of the middlewares, in the order in which requests pass them.'),
    service: text('Name of the service that gets the requests.'),
    rule: text('Which requests match, such as ``Host(`example.com`) && PathPrefix(`/api`)``.'),
    parentRefs: textList('Names of the routers whose matched requests this one takes over.', { noLabel: true }),
    ruleSyntax: text('Version of the rule language.', {
      deprecated: 'write rules in v3 syntax',
      effective: 'core.defaultRuleSyntax, or else v3',
      values: ['v3', 'v2'],
    }),
    priority: bigInt('Order of evaluation: routers with higher numbers are asked first.', { effective: 'the length of the rule' }),
    tls: optional(
      object('Takes only requests over TLS, and says how TLS is spoken.', routerTls, { allowEmpty: true, ignored: ['resolvedOptions'] }),
    ),
    observability: optional(
      object('What is observed of requests.', {
        accessLogs: optional(bool('Whether requests are logged.', { effective: 'what the entry point says, or else true' })),
        metrics: optional(bool('Whether requests are counted.', { effective: 'what the entry point says, or else true' })),
        tracing: optional(bool('Whether requests are traced.', { effective: 'what the entry point says, or else true' })),
        traceVerbosity: text('How much is traced.', { default: 'minimal', values: ['minimal', 'detailed'] }),
        metadata: optional(object('Where the router came from.', routerMetadata, { internal: true })),
      }),
    ),
    defaultRule: bool("Whether the rule was made from a provider's default rule.", { only: ['kv'] }),
  },
  { ignored: ['deniedEncodedPathCharacters'] },
)

/** A decoded HTTP router. */
export type HttpRouter = Static<typeof httpRouter>

/** What routers of an entry point inherit; only the internal models have an effect. */
export const httpModel = object(
  'What routers of an entry point inherit.',
  {
    middlewares: textList('Middlewares in front of those of the router.'),
    tls: optional(object('TLS for routers that have none of their own.', routerTls, { allowEmpty: true, ignored: ['resolvedOptions'] })),
    observability: object('What is observed of requests.', {
      accessLogs: optional(bool('Whether requests are logged.')),
      metrics: optional(bool('Whether requests are counted.')),
      tracing: optional(bool('Whether requests are traced.')),
      traceVerbosity: text('How much is traced.'),
      metadata: optional(object('Where the router came from.', routerMetadata, { internal: true })),
    }),
  },
  { ignored: ['deniedEncodedPathCharacters', 'defaultRuleSyntax'] },
)

/** A decoded model. */
export type HttpModel = Static<typeof httpModel>

/** A TCP router: which connections, through which middlewares, to which service. */
export const tcpRouter = object('A router: which connections, through which middlewares, to which service.', {
  entryPoints: textList('Names of the entry points that the router is on.', {
    effective: 'the entry points with asDefault, or else all TCP ones but traefik',
  }),
  middlewares: textList('Names of the middlewares, in the order in which connections pass them.'),
  service: text('Name of the service that gets the connections.'),
  rule: text('Which connections match, such as ``HostSNI(`example.com`)``.'),
  ruleSyntax: text('Version of the rule language.', {
    deprecated: 'write rules in v3 syntax',
    effective: 'core.defaultRuleSyntax, or else v3',
    values: ['v3', 'v2'],
  }),
  priority: bigInt('Order of evaluation: routers with higher numbers are asked first.', {
    effective: '-1 for HostSNI(`*`) alone, or else the length of the rule',
  }),
  tls: optional(
    object(
      'Takes only connections with TLS, and says how TLS is spoken.',
      {
        passthrough: bool('Whether TLS is left to the server.', { pointer: true }),
        options: text('Name of the TLS options.', { effective: 'default' }),
        certResolver: text('Name of the resolver that fetches certificates.'),
        domains: objectList('Domains that the resolver fetches certificates for, instead of those in the rule.', tlsDomain),
      },
      { allowEmpty: true },
    ),
  ),
})

/** A decoded TCP router. */
export type TcpRouter = Static<typeof tcpRouter>

/** A UDP router: which entry points, to which service. */
export const udpRouter = object('A router: which entry points, to which service.', {
  entryPoints: textList('Names of the entry points that the router is on.', { effective: 'all UDP entry points' }),
  service: text('Name of the service that gets the datagrams.'),
})

/** A decoded UDP router. */
export type UdpRouter = Static<typeof udpRouter>
