import { bool, text } from './schema/kit.ts'

/** TLS options of a connection that Tidegate opens to something other than a routed server. */
export const clientTls = {
  ca: text('@@d:http.middlewares.<name>.rateLimit.redis.tls.ca@@', { fileOrContent: true }),
  cert: text('@@d:http.middlewares.<name>.rateLimit.redis.tls.cert@@', { fileOrContent: true }),
  key: text('@@d:http.middlewares.<name>.rateLimit.redis.tls.key@@', { fileOrContent: true, secret: true }),
  insecureSkipVerify: bool('@@d:http.middlewares.<name>.rateLimit.redis.tls.insecureSkipVerify@@'),
}
