import { type Static, kinds, object } from '../schema/kit.ts'
import { addPrefix } from './middlewares/add-prefix.ts'
import { apiKey } from './middlewares/api-key.ts'
import { appRoot } from './middlewares/app-root.ts'
import { authTlsPassCertificateToUpstream } from './middlewares/auth-tls-pass-certificate-to-upstream.ts'
import { bandwidth } from './middlewares/bandwidth.ts'
import { basicAuth } from './middlewares/basic-auth.ts'
import { buffering } from './middlewares/buffering.ts'
import { chain } from './middlewares/chain.ts'
import { circuitBreaker } from './middlewares/circuit-breaker.ts'
import { compress } from './middlewares/compress.ts'
import { contentType } from './middlewares/content-type.ts'
import { digestAuth } from './middlewares/digest-auth.ts'
import { directResponse } from './middlewares/direct-response.ts'
import { encodedCharacters } from './middlewares/encoded-characters.ts'
import { errors } from './middlewares/errors.ts'
import { forwardAuth } from './middlewares/forward-auth.ts'
import { grpcWeb } from './middlewares/grpc-web.ts'
import { headers } from './middlewares/headers.ts'
import { hmac } from './middlewares/hmac.ts'
import { inFlightReq } from './middlewares/in-flight-req.ts'
import { ipAllowList } from './middlewares/ip-allow-list.ts'
import { ipWhiteList } from './middlewares/ip-white-list.ts'
import { maintenance } from './middlewares/maintenance.ts'
import { passTlsClientCert } from './middlewares/pass-tls-client-cert.ts'
import { plugin } from './middlewares/plugin.ts'
import { rateLimit } from './middlewares/rate-limit.ts'
import { redirectRegex } from './middlewares/redirect-regex.ts'
import { redirectScheme } from './middlewares/redirect-scheme.ts'
import { replacePathRegex } from './middlewares/replace-path-regex.ts'
import { replacePath } from './middlewares/replace-path.ts'
import { requestHeaderModifier } from './middlewares/request-header-modifier.ts'
import { requestRedirect } from './middlewares/request-redirect.ts'
import { responseHeaderModifier } from './middlewares/response-header-modifier.ts'
import { retry } from './middlewares/retry.ts'
import { rewriteTarget } from './middlewares/rewrite-target.ts'
import { snippet } from './middlewares/snippet.ts'
import { staticFiles } from './middlewares/static-files.ts'
import { stripPrefixRegex } from './middlewares/strip-prefix-regex.ts'
import { stripPrefix } from './middlewares/strip-prefix.ts'
import { upstreamVHost } from './middlewares/upstream-v-host.ts'
import { urlRewrite } from './middlewares/url-rewrite.ts'

/** Every kind of HTTP middleware; a new kind is one file and one line here. */
export const httpMiddlewares = [
  addPrefix,
  stripPrefix,
  stripPrefixRegex,
  replacePath,
  replacePathRegex,
  chain,
  ipWhiteList,
  ipAllowList,
  headers,
  encodedCharacters,
  errors,
  rateLimit,
  redirectRegex,
  redirectScheme,
  basicAuth,
  digestAuth,
  forwardAuth,
  inFlightReq,
  buffering,
  circuitBreaker,
  compress,
  passTlsClientCert,
  retry,
  contentType,
  grpcWeb,
  plugin,
  requestHeaderModifier,
  responseHeaderModifier,
  requestRedirect,
  urlRewrite,
  authTlsPassCertificateToUpstream,
  snippet,
  rewriteTarget,
  upstreamVHost,
  appRoot,
  directResponse,
  maintenance,
  staticFiles,
  apiKey,
  hmac,
  bandwidth,
] as const

/** An HTTP middleware: one of the kinds. */
export const httpMiddleware = object('A middleware: exactly one kind.', kinds(httpMiddlewares))

/** A decoded HTTP middleware. */
export type HttpMiddleware = Static<typeof httpMiddleware>
