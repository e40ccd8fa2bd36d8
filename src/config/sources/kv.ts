/** Trees of key/value stores: `traefik/http/routers/x/rule`, numbers for list items. */
import { decodeRoutingTree } from '../routing/decode-routing.ts'
import type { DecodedRouting } from '../routing/decode-routing.ts'
import { SourceError } from './source-error.ts'
import { buildTextTree } from './text-tree.ts'
import type { TextPair } from './text-tree.ts'

/** Decodes the pairs below a root key; keys outside of it are skipped. No key at all is a valid empty configuration. */
export function decodeKv(pairs: Readonly<Record<string, string>>, rootKey: string): DecodedRouting {
  const prefix = `${rootKey.replace(/\/+$/, '')}/`
  const found: TextPair[] = []
  for (const [key, value] of Object.entries(pairs)) {
    if (!key.startsWith(prefix)) continue
    const path = key.slice(prefix.length).split('/')
    // A folder marker (`routers/`) says nothing.
    if (path.at(-1) === '') continue
    found.push({ path, value, label: key })
  }
  try {
    return decodeRoutingTree(buildTextTree(found), 'kv')
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause
    return { routing: undefined, problems: [cause.toProblem(undefined)], locate: () => ({}) }
  }
}
