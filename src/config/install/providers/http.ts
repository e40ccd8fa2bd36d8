import { clientTls } from '../../client-tls.ts'
import { type Static, duration, int, object, optional, text, textMap } from '../../schema/kit.ts'

/** Options of the http provider. */
export const httpProvider = object(
  'Routing configuration from a URL.',
  {
    endpoint: text('The URL.', { masked: true }),
    headers: textMap('Headers of the request.'),
    maxResponseBodySize: int('Largest answer; -1 is no limit.', { default: -1 }),
    pollInterval: duration('How often it is asked.', { default: '5s' }),
    pollTimeout: duration('How long the answer may take.', { default: '5s' }),
    tls: optional(object('TLS to the server.', clientTls)),
  },
  { allowEmpty: true },
)

/** Decoded options of the http provider. */
export type HttpProviderOptions = Static<typeof httpProvider>
