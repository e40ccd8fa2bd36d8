/** Checks what the parser cannot tell: that matchers have as many arguments as they take, and of the right form. */
import { httpV2 } from './http-v2.ts'
import { httpV3 } from './http-v3.ts'
import { tcpV2, tcpV3 } from './tcp.ts'
import type { MatcherNode, RuleNode } from './tree.ts'

/** What is wrong with a rule, and where in it. */
export interface RuleProblem {
  readonly message: string
  readonly offset: number
}

/** Finds the first problem of a rule; null when it has none. */
export function ruleProblem(node: RuleNode): RuleProblem | null {
  if (node.kind === 'matcher') {
    const message = matcherProblem(node)
    return message === null ? null : { message, offset: node.offset }
  }
  for (const child of node.nodes) {
    const problem = ruleProblem(child)
    if (problem !== null) return problem
  }
  return null
}

function matcherProblem({ name, syntax, args }: MatcherNode): string | null {
  // The names of the two protocols differ, but for `ClientIP`, which is checked alike in both.
  const kind = syntax === 'v2' ? (httpV2[name] ?? tcpV2[name]) : (httpV3[name] ?? tcpV3[name])
  if (kind === undefined) return `unsupported function: ${name}`
  if (args.length === 0 || args.includes('')) return `empty args for matcher ${name}, [${args.join(' ')}]`
  const [min, max] = kind.arity
  if (args.length < min || args.length > max) {
    const expected = max === min ? `${min}` : max === Infinity ? `at least ${min}` : `${min} to ${max}`
    return `unexpected number of parameters for matcher ${name}: got ${args.length}, expected ${expected}`
  }
  return kind.check(args)
}
