/**
 * What a rule asks of the host and the path, as keys of an index. Keys are a necessary condition: where none of them holds the rule does not
 * match. Null means that nothing is known, so that the rule has to be tried on every request.
 */
import { textToBytes } from '../std/utf8.ts'
import { hostForms, wildcardSuffix } from './host-forms.ts'
import { parseTemplate } from './template.ts'
import type { MatcherNode, RuleNode } from './tree.ts'

/** Hosts that a rule may take. */
export interface HostKeys {
  readonly exact: readonly string[]
  /** Suffixes that start with a dot, to be preceded by one label. */
  readonly wildcards: readonly string[]
  /** The operands that are left to be tested once a key holds, to be joined by `&&`; none when the keys say it all. */
  readonly rest: readonly RuleNode[]
}

/** Paths that a rule may take, as byte strings. */
export interface PathKeys {
  readonly exact: readonly string[]
  readonly prefixes: readonly string[]
}

/** Finds the host keys of a rule. */
export function hostKeys(node: RuleNode): HostKeys | null {
  if (node.kind === 'matcher') return matcherHosts(node)
  if (node.kind === 'and') {
    const best = pickBest(node.nodes, hostKeys, (keys) => keys.exact.length + keys.wildcards.length)
    if (best === null) return null
    const others = node.nodes.filter((child) => child !== best.node)
    return { ...best.keys, rest: [...best.keys.rest, ...others] }
  }
  const exact: string[] = []
  const wildcards: string[] = []
  let saysAll = true
  for (const child of node.nodes) {
    const keys = hostKeys(child)
    if (keys === null) return null
    for (const host of keys.exact) exact.push(host)
    for (const suffix of keys.wildcards) wildcards.push(suffix)
    if (keys.rest.length > 0) saysAll = false
  }
  return { exact, wildcards, rest: saysAll ? [] : [node] }
}

function matcherHosts({ name, syntax, negated, args }: MatcherNode): HostKeys | null {
  if (negated || (name !== 'Host' && name !== 'HostHeader' && name !== 'HostSNI')) return null
  const hosts = args.map((host) => host.toLowerCase())
  // A `*` takes connections without a server name too, or has a test of its own.
  if (name === 'HostSNI' && hosts.includes('*')) return null
  if (syntax === 'v2') return { exact: hosts.flatMap(hostForms), wildcards: [], rest: [] }
  const [host = ''] = hosts
  if (host === '*') return null
  const suffix = wildcardSuffix(host)
  return suffix === null ? { exact: hostForms(host), wildcards: [], rest: [] } : { exact: [], wildcards: hostForms(suffix), rest: [] }
}

/** Finds the path keys of a rule. */
export function pathKeys(node: RuleNode): PathKeys | null {
  if (node.kind === 'matcher') return matcherPaths(node)
  // A prefix takes many paths, so exact ones are better keys whatever their number.
  if (node.kind === 'and') return pickBest(node.nodes, pathKeys, (keys) => keys.exact.length + keys.prefixes.length * 1000)?.keys ?? null
  const exact: string[] = []
  const prefixes: string[] = []
  for (const child of node.nodes) {
    const keys = pathKeys(child)
    if (keys === null) return null
    for (const path of keys.exact) exact.push(path)
    for (const prefix of keys.prefixes) prefixes.push(prefix)
  }
  return { exact, prefixes }
}

function matcherPaths({ name, syntax, negated, args }: MatcherNode): PathKeys | null {
  if (negated || (name !== 'Path' && name !== 'PathPrefix')) return null
  const exact: string[] = []
  const prefixes: string[] = []
  for (const arg of args) {
    const template = syntax === 'v2' ? parseTemplate(arg, '.') : { pattern: null, lead: arg }
    const isExact = name === 'Path' && template.pattern === null
    ;(isExact ? exact : prefixes).push(textToBytes(template.lead))
  }
  return { exact, prefixes }
}

function pickBest<K>(
  nodes: readonly RuleNode[],
  find: (node: RuleNode) => K | null,
  cost: (keys: K) => number,
): { node: RuleNode; keys: K } | null {
  let best: { node: RuleNode; keys: K } | null = null
  for (const node of nodes) {
    const keys = find(node)
    if (keys !== null && (best === null || cost(keys) < cost(best.keys))) best = { node, keys }
  }
  return best
}
