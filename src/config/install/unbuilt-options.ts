/** Install options that are known but not built yet. */
import { findUnbuilt } from '../schema/unbuilt.ts'
import { installConfiguration } from './install.ts'
import type { InstallConfiguration } from './install.ts'

/** Lists configured options that have no effect yet, each as `providers.nomad: not supported yet`. */
export function unbuiltOptions(install: InstallConfiguration): string[] {
  const datagrams = Object.entries(install.entryPoints).filter(([, { address }]) => address.toLowerCase().endsWith('/udp'))
  return [...findUnbuilt(installConfiguration, install), ...datagrams.map(([name]) => `entryPoints.${name}.address: UDP: not supported yet`)]
}
