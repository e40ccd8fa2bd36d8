import { clientTls } from '../../client-tls.ts'
import { type Static, bool, duration, object, optional, text } from '../../schema/kit.ts'

/** Options of the docker provider. */
export const dockerProvider = object('@@s:providers.docker@@', {
  allowEmptyServices: bool('@@s:providers.docker.allowEmptyServices@@'),
  constraints: text('@@s:providers.docker.constraints@@'),
  defaultRule: text('@@s:providers.docker.defaultRule@@', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
  endpoint: text('@@s:providers.docker.endpoint@@', { default: 'unix:///var/run/docker.sock', masked: true }),
  exposedByDefault: bool('@@s:providers.docker.exposedByDefault@@', { default: true }),
  httpClientTimeout: duration('@@s:providers.docker.httpClientTimeout@@'),
  network: text('@@s:providers.docker.network@@'),
  password: text('@@s:providers.docker.password@@', { masked: true }),
  tls: optional(object('@@s:providers.docker.tls@@', clientTls)),
  useBindPortIP: bool('@@s:providers.docker.useBindPortIP@@'),
  username: text('@@s:providers.docker.username@@', { masked: true }),
  watch: bool('@@s:providers.docker.watch@@', { default: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the docker provider. */
export type DockerProviderOptions = Static<typeof dockerProvider>
