import { clientTls } from '../../client-tls.ts'
import { type Static, bool, duration, object, optional, text } from '../../schema/kit.ts'

/** Options of the docker provider. */
export const dockerProvider = object(
  'Routing configuration from the labels of Docker containers.',
  {
    allowEmptyServices: bool('Whether a service stays that has no healthy container.'),
    constraints: text('Expression about labels that containers must fulfil.'),
    defaultRule: text('Template of the rule for containers without one.', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
    endpoint: text('Address of the Docker daemon.', { default: 'unix:///var/run/docker.sock', masked: true }),
    exposedByDefault: bool('Whether containers count that do not say so.', { default: true }),
    httpClientTimeout: duration('How long an answer of the daemon may take; 0 is no limit.'),
    network: text('Network in which containers are reached.'),
    password: text('Password for basic authentication to the daemon.', { masked: true }),
    tls: optional(object('TLS to the daemon.', clientTls)),
    useBindPortIP: bool("Whether published ports are used instead of the containers' own."),
    username: text('User for basic authentication to the daemon.', { masked: true }),
    watch: bool('Whether changes are followed.', { default: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the docker provider. */
export type DockerProviderOptions = Static<typeof dockerProvider>
