import { clientTls } from '../../client-tls.ts'
import { type Static, bool, duration, object, optional, text } from '../../schema/kit.ts'

/** Options of the swarm provider. */
export const swarmProvider = object('@@s:providers.swarm@@', {
  allowEmptyServices: bool('@@s:providers.swarm.allowEmptyServices@@'),
  constraints: text('@@s:providers.swarm.constraints@@'),
  defaultRule: text('@@s:providers.swarm.defaultRule@@', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
  endpoint: text('@@s:providers.swarm.endpoint@@', { default: 'unix:///var/run/docker.sock', masked: true }),
  exposedByDefault: bool('@@s:providers.swarm.exposedByDefault@@', { default: true }),
  httpClientTimeout: duration('@@s:providers.swarm.httpClientTimeout@@'),
  network: text('@@s:providers.swarm.network@@'),
  password: text('@@s:providers.swarm.password@@', { masked: true }),
  refreshSeconds: duration('@@s:providers.swarm.refreshSeconds@@', { default: '15s' }),
  tls: optional(object('@@s:providers.swarm.tls@@', clientTls)),
  useBindPortIP: bool('@@s:providers.swarm.useBindPortIP@@'),
  username: text('@@s:providers.swarm.username@@', { masked: true }),
  watch: bool('@@s:providers.swarm.watch@@', { default: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the swarm provider. */
export type SwarmProviderOptions = Static<typeof swarmProvider>
