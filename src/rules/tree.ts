/**
 * Syntax trees of rules: plain data that can be posted to a worker. Negations are pushed down to the matchers (De Morgan), and an operator never
 * has an operand of its own kind, so a tree is as deep as its rule's parentheses at most, however long its chains are.
 */
import { textToBytes } from '../std/utf8.ts'

/** Which of the rule languages a rule is written in. */
export interface RuleLanguage {
  readonly protocol: 'http' | 'tcp'
  readonly syntax: 'v2' | 'v3'
}

/** One call in a rule, such as Host(`example.com`). */
export interface MatcherNode {
  readonly kind: 'matcher'
  /** As documented, whatever the letter case in the rule: `PathPrefix`. */
  readonly name: string
  readonly syntax: 'v2' | 'v3'
  /** Text; a byte that is no UTF-8 (`"\xff"`) is the lone surrogate U+DC00 plus its value. */
  readonly args: readonly string[]
  readonly negated: boolean
  /** Where the call stands in the rule, in UTF-16 units. */
  readonly offset: number
}

/** A junction of at least two operands, none of them of the same kind. */
export interface JunctionNode {
  readonly kind: 'and' | 'or'
  readonly nodes: readonly RuleNode[]
}

/** A rule or a part of one. */
export type RuleNode = MatcherNode | JunctionNode

/** Joins operands; those of the same kind are taken in. */
export function joinNodes(kind: 'and' | 'or', operands: readonly RuleNode[]): RuleNode {
  const [only] = operands
  if (operands.length === 1 && only !== undefined) return only
  return { kind, nodes: operands.flatMap((node) => (node.kind === kind ? node.nodes : [node])) }
}

/** Prints a tree as a rule that parses to an equal tree. */
export function printRule(node: RuleNode): string {
  if (node.kind === 'matcher') return `${node.negated ? '!' : ''}${node.name}(${node.args.map(printLiteral).join(', ')})`
  const parts = node.nodes.map((child) => (node.kind === 'and' && child.kind === 'or' ? `(${printRule(child)})` : printRule(child)))
  return parts.join(node.kind === 'and' ? ' && ' : ' || ')
}

function printLiteral(text: string): string {
  // Raw strings cannot hold a backtick, drop carriage returns, and take no bytes that are not UTF-8.
  if (!/[`\r\0\ufeff\ud800-\udfff]/u.test(text)) return `\`${text}\``
  const escaped = text.replace(/["\\\0-\x1f\x7f\ufeff\ud800-\udfff]/gu, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : printBytes(char),
  )
  return `"${escaped}"`
}

function printBytes(char: string): string {
  let out = ''
  for (const byte of textToBytes(char)) out += `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`
  return out
}

/** Hosts that a rule names by `Host` or `HostSNI` and takes, in lower case: those that certificates and TLS options are looked up for. */
export function ruleHosts(node: RuleNode): string[] {
  const hosts = new Set<string>()
  collectHosts(node, hosts)
  return [...hosts]
}

/** Patterns of hosts that a rule takes by `HostRegexp`, as they are written. */
export function ruleHostPatterns(node: RuleNode): string[] {
  if (node.kind !== 'matcher') return [...new Set(node.nodes.flatMap(ruleHostPatterns))]
  return !node.negated && node.name === 'HostRegexp' ? [...node.args] : []
}

function collectHosts(node: RuleNode, hosts: Set<string>): void {
  if (node.kind !== 'matcher') {
    for (const child of node.nodes) collectHosts(child, hosts)
  } else if (!node.negated && (node.name === 'Host' || node.name === 'HostSNI')) {
    for (const host of node.args) hosts.add(host.toLowerCase())
  }
}
