/** Install options that are known but not built yet. */
import { findUnbuilt } from '../schema/unbuilt.ts'
import { installConfiguration } from './install.ts'
import type { InstallConfiguration } from './install.ts'

/** Lists configured options that have no effect yet, each as `providers.nomad: not supported yet`. */
export function unbuiltOptions(install: InstallConfiguration): string[] {
  return findUnbuilt(installConfiguration, install)
}
