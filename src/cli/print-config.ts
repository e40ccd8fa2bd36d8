/** `tidegate print-config`: the install configuration with its defaults, and where each value came from. */
import { installConfiguration } from '../config/install/install.ts'
import { stringifyJson, toPrintable } from '../config/schema/encode.ts'
import { isRecord } from '../config/schema/inspect.ts'
import type { LoadedInstall } from '../config/sources/load-install.ts'
import { loadFrom } from './install-source.ts'

/** Prints the configuration that the router would start with: one option a line, or JSON with `--json`. */
export async function printConfig(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  let loaded: LoadedInstall
  try {
    loaded = loadFrom(args.filter((arg) => arg !== '--json'))
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`)
    return 1
  }
  for (const warning of loaded.warnings) process.stderr.write(`warning: ${warning}\n`)
  const printable = toPrintable(installConfiguration, loaded.install)
  if (json) process.stdout.write(`${stringifyJson({ configuration: printable, origins: Object.fromEntries(loaded.origins) }, 2)}\n`)
  else process.stdout.write(`${linesOf(printable, '', loaded.origins).join('\n')}\n`)
  return 0
}

function linesOf(value: unknown, path: string, origins: ReadonlyMap<string, string>): string[] {
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([key, member]) =>
      member === undefined ? [] : linesOf(member, path === '' ? key : `${path}.${key}`, origins),
    )
  }
  if (Array.isArray(value) && value.some(isRecord)) return value.flatMap((item, index) => linesOf(item, `${path}[${index}]`, origins))
  return [`${path}: ${stringifyJson(value)}  # ${originOf(path, origins)}`]
}

/** The origin of an option, or of the nearest part of it that was given as a whole. */
function originOf(path: string, origins: ReadonlyMap<string, string>): string {
  return origins.get(path) ?? 'default'
}
