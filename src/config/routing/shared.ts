import { bool, int, object, objectList, optional, text, textList } from '../schema/kit.ts'
import { tlsDomain } from '../tls-domain.ts'

/** How the client address of a request is found. */
export const ipStrategy = {
  depth: int('@@d:http.middlewares.<name>.ipAllowList.ipStrategy.depth@@'),
  excludedIPs: textList('@@d:http.middlewares.<name>.ipAllowList.ipStrategy.excludedIPs@@'),
  ipv6Subnet: optional(int('@@d:http.middlewares.<name>.ipAllowList.ipStrategy.ipv6Subnet@@')),
}

/** What makes two requests count as from one source. */
export const sourceCriterion = {
  ipStrategy: optional(object('@@d:http.middlewares.<name>.rateLimit.sourceCriterion.ipStrategy@@', ipStrategy)),
  requestHeaderName: text('@@d:http.middlewares.<name>.rateLimit.sourceCriterion.requestHeaderName@@'),
  requestHost: bool('@@d:http.middlewares.<name>.rateLimit.sourceCriterion.requestHost@@'),
}

/** The cookie that keeps a client on one server. */
export const stickyCookie = {
  name: text('@@d:http.services.<name>.loadBalancer.sticky.cookie.name@@', { effective: '"_" + first 5 hex digits of sha1("_TRAEFIK_BACKEND_" + service name with @provider)' }),
  secure: bool('@@d:http.services.<name>.loadBalancer.sticky.cookie.secure@@'),
  httpOnly: bool('@@d:http.services.<name>.loadBalancer.sticky.cookie.httpOnly@@'),
  sameSite: text('@@d:http.services.<name>.loadBalancer.sticky.cookie.sameSite@@', { values: ['none', 'lax', 'strict'] }),
  maxAge: int('@@d:http.services.<name>.loadBalancer.sticky.cookie.maxAge@@'),
  path: text('@@d:http.services.<name>.loadBalancer.sticky.cookie.path@@', { default: '/', pointer: true }),
  domain: text('@@d:http.services.<name>.loadBalancer.sticky.cookie.domain@@'),
}

/** Where a Kubernetes router came from; set by Traefik only. */
export const routerMetadata = {
  ingress: optional(object('@@d:http.routers.<name>.observability.metadata.ingress@@', {
    namespace: text('@@d:http.routers.<name>.observability.metadata.ingress.namespace@@'),
    ingressName: text('@@d:http.routers.<name>.observability.metadata.ingress.ingressName@@'),
    serviceName: text('@@d:http.routers.<name>.observability.metadata.ingress.serviceName@@'),
    servicePort: text('@@d:http.routers.<name>.observability.metadata.ingress.servicePort@@'),
  }, { internal: true })),
}

/** A certificate and its key. */
export const certificatePair = {
  certFile: text('@@d:http.serversTransports.<name>.certificates[n].certFile@@', { fileOrContent: true }),
  keyFile: text('@@d:http.serversTransports.<name>.certificates[n].keyFile@@', { fileOrContent: true, secret: true }),
}

/** Which SPIFFE identities a server may have. */
export const spiffeIdentity = {
  ids: textList('@@d:http.serversTransports.<name>.spiffe.ids@@'),
  trustDomain: text('@@d:http.serversTransports.<name>.spiffe.trustDomain@@'),
}

/** A name that the certificate of a server may carry. */
export const peerCertSan = {
  type: text('@@d:http.serversTransports.<name>.peerCertSANs[n].type@@', { values: ['DNSName', 'URI'] }),
  value: text('@@d:http.serversTransports.<name>.peerCertSANs[n].value@@'),
}

/** TLS of an HTTP router. */
export const routerTls = {
  options: text('@@d:http.routers.<name>.tls.options@@', { effective: 'default' }),
  certResolver: text('@@d:http.routers.<name>.tls.certResolver@@'),
  domains: objectList('@@d:http.routers.<name>.tls.domains@@', tlsDomain),
}
