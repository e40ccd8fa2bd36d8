/** What holds without being configured: entry points that are added by themselves, and options that stand in for others. */
import { decodeTree } from '../schema/decode.ts'
import { entryPoint } from './entry-points.ts'
import type { EntryPoint } from './entry-points.ts'
import type { InstallConfiguration } from './install.ts'

/** Fills in what follows from the rest; changes the configuration in place, once, right after decoding. */
export function applyEffective(install: InstallConfiguration): void {
  const { entryPoints, tracing } = install
  if (Object.keys(entryPoints).length === 0) entryPoints['http'] = createEntryPoint(':80')
  if (needsTraefikEntryPoint(install) && entryPoints['traefik'] === undefined) entryPoints['traefik'] = createEntryPoint(':8080')
  if (tracing !== undefined && Object.keys(tracing.resourceAttributes).length === 0) {
    // The deprecated name of the same option.
    for (const [key, value] of Object.entries(tracing.globalAttributes)) tracing.resourceAttributes[key] = value
  }
}

/** An entry point that has only an address. */
export function createEntryPoint(address: string): EntryPoint {
  return { ...decodeTree(entryPoint, undefined, { source: 'file' }).value, address }
}

function needsTraefikEntryPoint({ api, ping, metrics, providers }: InstallConfiguration): boolean {
  if (api?.insecure === true || providers.rest?.insecure === true) return true
  if (ping !== undefined && !ping.manualRouting && ping.entryPoint === 'traefik') return true
  const prometheus = metrics?.prometheus
  return prometheus !== undefined && !prometheus.manualRouting && prometheus.entryPoint === 'traefik'
}
