import { type Static, bool, int, mapOf, object, optional, text } from '../schema/kit.ts'
import { accessLog } from './access-log.ts'
import { api, ping } from './api.ts'
import { entryPoint } from './entry-points.ts'
import { core, experimental, global, hostResolver, ocsp, spiffe } from './general.ts'
import { log } from './log.ts'
import { metrics } from './metrics.ts'
import { providers } from './providers.ts'
import { certificatesResolver } from './resolvers.ts'
import { tracing } from './tracing.ts'
import { serversTransport, tcpServersTransport } from './transports.ts'

/** The whole install (static) configuration: what Tidegate runs with. */
export const installConfiguration = object('What Tidegate runs with.', {
  accessLog: optional(accessLog),
  api: optional(api),
  certificatesResolvers: mapOf('Certificate resolvers by name.', certificatesResolver, { built: false }),
  configFile: text('The install file, instead of looking for it.'),
  core: optional(core),
  entryPoints: mapOf('Entry points by name.', entryPoint, { effective: 'one entry point http on :80' }),
  experimental: optional(experimental),
  global: global,
  hostResolver: optional(hostResolver),
  log: optional(log),
  metrics: optional(metrics),
  ocsp: optional(ocsp),
  ping: optional(ping),
  providers: providers,
  serversTransport: serversTransport,
  spiffe: optional(spiffe),
  tcpServersTransport: tcpServersTransport,
  tracing: optional(tracing),
  workers: optional(
    int('Threads that serve traffic; 0 serves in the main thread. One per processor core when absent.', { minimum: 0, extension: true }),
  ),
  watchInstall: bool('Whether the install file is watched and its changes applied while running.', { default: true, extension: true }),
  mergeSources: bool(
    'Whether file, environment and flags are merged (later ones win), instead of only the first that gives anything being used.',
    { extension: true },
  ),
  passRequestTrailers: bool('Whether trailers of HTTP/1.1 requests are passed on to servers.', { extension: true }),
})

/** A decoded install configuration. */
export type InstallConfiguration = Static<typeof installConfiguration>

export type { EntryPoint } from './entry-points.ts'
