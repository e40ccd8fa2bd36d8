import type { AnyMiddlewareModule } from '../../http/middleware.ts'
import { addPrefix } from './add-prefix/add-prefix.ts'
import { apiKey } from './api-key/api-key.ts'
import { bandwidth } from './bandwidth/bandwidth.ts'
import { basicAuth } from './basic-auth/basic-auth.ts'
import { compress } from './compress/compress.ts'
import { contentType } from './content-type/content-type.ts'
import { digestAuth } from './digest-auth/digest-auth.ts'
import { directResponse } from './direct-response/direct-response.ts'
import { encodedCharacters } from './encoded-characters/encoded-characters.ts'
import { errors } from './errors/errors.ts'
import { forwardAuth } from './forward-auth/forward-auth.ts'
import { grpcWeb } from './grpc-web/grpc-web.ts'
import { headers } from './headers/headers.ts'
import { hmac } from './hmac/hmac.ts'
import { inFlightReq } from './in-flight-req/in-flight-req.ts'
import { ipAllowList } from './ip-allow-list/ip-allow-list.ts'
import { ipWhiteList } from './ip-white-list/ip-white-list.ts'
import { maintenance } from './maintenance/maintenance.ts'
import { passTlsClientCert } from './pass-tls-client-cert/pass-tls-client-cert.ts'
import { rateLimit } from './rate-limit/rate-limit.ts'
import { redirectRegex } from './redirect-regex/redirect-regex.ts'
import { redirectScheme } from './redirect-scheme/redirect-scheme.ts'
import { replacePathRegex } from './replace-path-regex/replace-path-regex.ts'
import { replacePath } from './replace-path/replace-path.ts'
import { retry } from './retry/retry.ts'
import { staticFiles } from './static-files/static-files.ts'
import { stripPrefixRegex } from './strip-prefix-regex/strip-prefix-regex.ts'
import { stripPrefix } from './strip-prefix/strip-prefix.ts'

/** Every kind of HTTP middleware that a worker can build; a new kind is one folder and one line here. `chain` is laid flat by the control plane. */
export const httpMiddlewares: readonly AnyMiddlewareModule[] = [
  addPrefix,
  stripPrefix,
  stripPrefixRegex,
  replacePath,
  replacePathRegex,
  redirectScheme,
  redirectRegex,
  headers,
  basicAuth,
  ipAllowList,
  ipWhiteList,
  passTlsClientCert,
  contentType,
  encodedCharacters,
  errors,
  rateLimit,
  inFlightReq,
  retry,
  compress,
  digestAuth,
  forwardAuth,
  grpcWeb,
  apiKey,
  hmac,
  directResponse,
  maintenance,
  staticFiles,
  bandwidth,
]
