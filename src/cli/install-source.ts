/** The install configuration of this process: its arguments, environment and files. */
import { loadInstall, type LoadedInstall } from '../config/sources/load-install.ts'

/** Reads the install configuration as the process was started; throws an Error with all findings when it cannot be used. */
export function loadFrom(args: readonly string[]): LoadedInstall {
  return loadInstall({ args, env: process.env, cwd: process.cwd() })
}
