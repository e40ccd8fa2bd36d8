import { bool, int, object, objectList, optional, text, textList } from '../schema/kit.ts'
import { tlsDomain } from '../tls-domain.ts'

/** How the client address of a request is found. */
export const ipStrategy = {
  depth: int('Position in X-Forwarded-For, counted from the right; 0 is the address of the connection.'),
  excludedIPs: textList('Addresses and ranges that are passed over in X-Forwarded-For.'),
  ipv6Subnet: optional(int('Prefix length to which IPv6 addresses are cut.')),
}

/** What makes two requests count as from one source. */
export const sourceCriterion = {
  ipStrategy: optional(object('The client address, and how it is found.', ipStrategy)),
  requestHeaderName: text('Name of a request header whose value is the source.'),
  requestHost: bool('Whether the requested host is the source.'),
  parts: textList(
    'What makes the source together: `clientIP` (found by `ipStrategy`), `host`, `method`, `path`, `router`, `user`, `header:NAME`, `cookie:NAME`, `query:NAME`.',
    { extension: true },
  ),
}

/** The cookie that keeps a client on one server. */
export const stickyCookie = {
  name: text('Name of the cookie.', {
    effective: '_ and the first five hex digits of the SHA-1 hash of _TRAEFIK_BACKEND_ and the qualified service name',
  }),
  secure: bool('Whether it is sent over TLS only.'),
  httpOnly: bool('Whether scripts cannot read it.'),
  sameSite: text('Whether it is sent from other sites.', { values: ['none', 'lax', 'strict'] }),
  maxAge: int('Seconds until it expires; 0 is the end of the session, negative at once.'),
  path: text('Path of the cookie.', { default: '/', pointer: true }),
  domain: text('Domain of the cookie.'),
}

/** Where a Kubernetes router came from; set by Traefik only. */
export const routerMetadata = {
  ingress: optional(
    object(
      'The Kubernetes ingress.',
      {
        namespace: text('Namespace of the ingress.'),
        ingressName: text('Name of the ingress.'),
        serviceName: text('Name of the Kubernetes service.'),
        servicePort: text('Port of the Kubernetes service.'),
      },
      { internal: true },
    ),
  ),
}

/** A certificate and its key. */
export const certificatePair = {
  certFile: text('The certificate.', { fileOrContent: true }),
  keyFile: text('Its key.', { fileOrContent: true, secret: true }),
}

/** Which SPIFFE identities a server may have. */
export const spiffeIdentity = {
  ids: textList('Identities that servers may have; the trust domain counts when empty.'),
  trustDomain: text('Trust domain that servers must belong to.'),
}

/** A name that the certificate of a server may carry. */
export const peerCertSan = {
  type: text('Kind of the name.', { values: ['DNSName', 'URI'] }),
  value: text('The name.'),
}

/** TLS of an HTTP router. */
export const routerTls = {
  options: text('Name of the TLS options.', { effective: 'default' }),
  certResolver: text('Name of the resolver that fetches certificates.'),
  domains: objectList('Domains that the resolver fetches certificates for, instead of those in the rule.', tlsDomain),
}
