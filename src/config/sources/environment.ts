/** Environment variables: `TRAEFIK_ENTRYPOINTS_WEB_ADDRESS`, and the same with `TIDEGATE_`, which goes before. */
import type { SchemaNode } from '../schema/inspect.ts'
import type { TextPair } from './text-tree.ts'

const prefixes = ['TRAEFIK_', 'TIDEGATE_']

/**
 * Reads the variables that belong to a known section of the configuration; others with the prefix are skipped, as Traefik does. A section is
 * known when the name begins with one, so that `TRAEFIK_PINGS` is an error and not skipped. Names are lower-cased.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  schema: SchemaNode,
  extraRoots: readonly string[] = [],
): TextPair[] {
  const roots = [...Object.entries(schema.properties ?? {}).flatMap(([name, node]) => (node.hidden === true ? [] : [name])), ...extraRoots]
  const upperRoots = roots.map((root) => root.toUpperCase())
  const found = new Map<string, TextPair>()
  for (const prefix of prefixes) {
    for (const [name, value] of Object.entries(env)) {
      // The prefix counts in upper case only, as in Traefik; the rest in any.
      if (value === undefined || !name.startsWith(prefix)) continue
      const rest = name.slice(prefix.length).toUpperCase()
      if (!upperRoots.some((root) => rest.startsWith(root))) continue
      const key = name.slice(prefix.length).toLowerCase()
      found.set(key, { path: key.split('_'), value, label: name })
    }
  }
  return [...found.values()]
}
