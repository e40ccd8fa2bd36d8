import { type Static, bool, duration, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the consulCatalog provider. */
export const consulCatalogProvider = object(
  "Routing configuration from the tags of services in Consul's catalogue.",
  {
    cache: bool('Whether the agent may answer from its cache.'),
    connectAware: bool('Whether services of Consul Connect are used.'),
    connectByDefault: bool('Whether services without a tag count as services of Consul Connect.'),
    constraints: text('Expression about tags that services must fulfil.'),
    defaultRule: text('Template of the rule for services without one.', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
    endpoint: object('The Consul agent.', {
      address: text('Address of the agent.', { effective: '127.0.0.1:8500, or what the variable CONSUL_HTTP_ADDR holds', masked: true }),
      datacenter: text('Data centre that is asked.', { masked: true }),
      endpointWaitTime: duration('How long the agent may hold a question back until something changes.'),
      httpAuth: optional(
        object('Basic authentication to the agent.', {
          password: text('Password of the user.', { secret: true, masked: true }),
          username: text('Name of the user.', { secret: true, masked: true }),
        }),
      ),
      scheme: text("Scheme of the agent's URL.", { masked: true }),
      tls: optional(
        object('TLS to the agent.', {
          ca: text('Certificate authority of the agent: a file.', { masked: true }),
          cert: text('Client certificate: a file.', { masked: true }),
          insecureSkipVerify: bool("Whether the agent's certificate goes unchecked."),
          key: text('Key of the client certificate: a file.', { secret: true, masked: true }),
        }),
      ),
      token: text('Token for reading.', { secret: true, masked: true }),
    }),
    exposedByDefault: bool('Whether services count that do not say so.', { default: true }),
    namespaces: textList('Namespaces to read.', { masked: true }),
    prefix: text('First part of the tags.', { default: 'traefik' }),
    refreshInterval: duration('How often the catalogue is read.', { default: '15s' }),
    requireConsistent: bool('Whether answers must be fully consistent.'),
    serviceName: text('Name of this router in Consul Connect.', { default: 'traefik' }),
    stale: bool('Whether answers may be stale.'),
    strictChecks: textList('Health states in which an instance is used.', { default: ['passing', 'warning'] }),
    watch: bool('Whether changes are waited for instead of read from time to time.'),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the consulCatalog provider. */
export type ConsulCatalogProviderOptions = Static<typeof consulCatalogProvider>
