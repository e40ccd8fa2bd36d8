/** Routing configuration from a text, a JSON request, labels or a KV tree: what all providers share. */
import { decodeTree } from '../schema/decode.ts'
import type { TreeSource } from '../schema/kit.ts'
import type { ConfigProblem, Place } from '../schema/problem.ts'
import type { RawPath } from '../schema/raw.ts'
import { readText } from '../sources/text.ts'
import type { TextFormat } from '../sources/text.ts'
import { routingConfiguration } from './routing.ts'
import type { RoutingConfiguration } from './routing.ts'

/** A decoded routing text. */
export interface DecodedRouting {
  /** Undefined when there are errors: such a text is refused whole. */
  readonly routing: RoutingConfiguration | undefined
  /** Errors and warnings, in the order of the text. */
  readonly problems: readonly ConfigProblem[]
  /** Place of an object or option by its path in the text, such as `['http', 'routers', 'web']`; names as they were written. */
  readonly locate: (path: RawPath) => Place
}

/** Decodes a routing text; an empty one is a valid empty configuration. */
export function decodeRouting(
  text: string,
  format: TextFormat,
  options: { readonly file?: string; readonly source?: TreeSource } = {},
): DecodedRouting {
  const read = readText(text, format, options.file)
  const decoded = decodeRoutingTree(read.tree, options.source ?? 'file', read.locate)
  const problems = [...read.problems, ...decoded.problems]
  return { routing: hasErrors(problems) ? undefined : decoded.routing, problems, locate: read.locate }
}

/** Decodes a raw routing tree, such as that of labels or KV pairs. */
export function decodeRoutingTree(tree: unknown, source: TreeSource, locate: (path: RawPath) => Place = () => ({})): DecodedRouting {
  // Files skip unknown names at the top; a label or key there is an error.
  const decoded = decodeTree(routingConfiguration, tree, { source, locate, skipUnknownTop: source === 'file' })
  return { routing: hasErrors(decoded.problems) ? undefined : decoded.value, problems: decoded.problems, locate }
}

/** An empty routing configuration. */
export function emptyRouting(): RoutingConfiguration {
  return decodeTree(routingConfiguration, undefined, { source: 'file' }).value
}

function hasErrors(problems: readonly ConfigProblem[]): boolean {
  return problems.some((problem) => problem.severity === 'error')
}
