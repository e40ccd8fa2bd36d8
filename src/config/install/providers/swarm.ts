import { clientTls } from '../../client-tls.ts'
import { type Static, bool, duration, object, optional, text } from '../../schema/kit.ts'

/** Options of the swarm provider. */
export const swarmProvider = object(
  'Routing configuration from the labels of Docker Swarm services.',
  {
    allowEmptyServices: bool('Whether a service stays that has no running task.'),
    constraints: text('Expression about labels that services must fulfil.'),
    defaultRule: text('Template of the rule for services without one.', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
    endpoint: text('Address of the Docker daemon.', { default: 'unix:///var/run/docker.sock', masked: true }),
    exposedByDefault: bool('Whether services count that do not say so.', { default: true }),
    httpClientTimeout: duration('How long an answer of the daemon may take; 0 is no limit.'),
    network: text('Network in which tasks are reached.'),
    password: text('Password for basic authentication to the daemon.', { masked: true }),
    refreshSeconds: duration('How often services are read.', { default: '15s' }),
    tls: optional(object('TLS to the daemon.', clientTls)),
    useBindPortIP: bool("Whether published ports are used instead of the tasks' own."),
    username: text('User for basic authentication to the daemon.', { masked: true }),
    watch: bool('Whether changes are followed.', { default: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the swarm provider. */
export type SwarmProviderOptions = Static<typeof swarmProvider>
