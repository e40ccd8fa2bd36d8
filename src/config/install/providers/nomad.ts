import { type Static, bool, duration, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the nomad provider. */
export const nomadProvider = object(
  'Routing configuration from the tags of Nomad services.',
  {
    allowEmptyServices: bool('Whether a service stays that has no instance.'),
    constraints: text('Expression about tags that services must fulfil.'),
    defaultRule: text('Template of the rule for services without one.', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
    endpoint: object('The Nomad server.', {
      address: text('URL of the server.', { default: 'http://127.0.0.1:4646', masked: true }),
      endpointWaitTime: duration('How long the server may hold a question back until something changes.'),
      region: text('Region that is asked.', { masked: true }),
      tls: optional(
        object('TLS to the server.', {
          ca: text('Certificate authority of the server: a file.', { masked: true }),
          cert: text('Client certificate: a file.', { masked: true }),
          insecureSkipVerify: bool("Whether the server's certificate goes unchecked."),
          key: text('Key of the client certificate: a file.', { secret: true, masked: true }),
        }),
      ),
      token: text('Token for reading.', { secret: true, masked: true }),
    }),
    exposedByDefault: bool('Whether services count that do not say so.', { default: true }),
    namespaces: textList('Namespaces to read.', { masked: true }),
    prefix: text('First part of the tags.', { default: 'traefik' }),
    refreshInterval: duration('How often services are read.', { default: '15s' }),
    stale: bool('Whether answers may be stale.'),
    throttleDuration: duration('Shortest time between two readings.'),
    watch: bool('Whether changes are waited for instead of read from time to time.'),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the nomad provider. */
export type NomadProviderOptions = Static<typeof nomadProvider>
