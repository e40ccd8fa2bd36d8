/** Labels of containers and services: `traefik.http.routers.x.rule=…`. */
import { decodeRoutingTree } from '../routing/decode-routing.ts'
import type { DecodedRouting } from '../routing/decode-routing.ts'
import type { ConfigProblem } from '../schema/problem.ts'
import { SourceError } from './source-error.ts'
import { buildTextTree, splitPath } from './text-tree.ts'
import type { TextPair } from './text-tree.ts'

const decodedPrefixes = ['traefik.http', 'traefik.tcp', 'traefik.udp', 'traefik.tls.stores.default']

/**
 * Decodes the routing labels of one container or service. Labels of other trees are skipped; one wrong label refuses them all. The root must
 * be `traefik`, letter for letter.
 */
export function decodeLabels(labels: Readonly<Record<string, string>>): DecodedRouting {
  const pairs: TextPair[] = []
  const problems: ConfigProblem[] = []
  for (const [label, value] of Object.entries(labels)) {
    const lower = label.toLowerCase()
    if (!decodedPrefixes.some((prefix) => lower.startsWith(prefix))) continue
    const names = splitPath(label)
    if (names[0] !== 'traefik') problems.push({ severity: 'error', path: label, message: `invalid label root ${names[0] ?? ''}` })
    else pairs.push({ path: names.slice(1), value, label })
  }
  return decodePairs(pairs, problems)
}

function decodePairs(pairs: readonly TextPair[], problems: readonly ConfigProblem[]): DecodedRouting {
  const locate = () => ({})
  try {
    if (problems.length > 0) return { routing: undefined, problems, locate }
    return decodeRoutingTree(buildTextTree(pairs), 'label')
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause
    return { routing: undefined, problems: [cause.toProblem(undefined)], locate }
  }
}
