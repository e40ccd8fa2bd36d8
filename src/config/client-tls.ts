import { bool, text } from './schema/kit.ts'

/** TLS options of a connection that Tidegate opens to something other than a routed server. */
export const clientTls = {
  ca: text('Certificate authority of the server.', { fileOrContent: true }),
  cert: text('Client certificate.', { fileOrContent: true }),
  key: text('Key of the client certificate.', { fileOrContent: true, secret: true }),
  insecureSkipVerify: bool("Whether the server's certificate goes unchecked."),
}
