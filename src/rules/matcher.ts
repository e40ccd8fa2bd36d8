/** Tests built from HTTP rules. */
import { combineTests } from './combine.ts'
import { httpV2 } from './http-v2.ts'
import { httpV3 } from './http-v3.ts'
import type { MatchInput } from './match-input.ts'
import type { Test } from './matcher-kind.ts'
import { printRule } from './tree.ts'
import type { MatcherNode, RuleNode } from './tree.ts'

/** Builds the test of an HTTP rule that has passed `checkRule`. */
export function compileMatcher(node: RuleNode): Test<MatchInput> {
  return combineTests(node, compileOne)
}

function compileOne({ name, args, syntax }: MatcherNode): Test<MatchInput> | undefined {
  return (syntax === 'v2' ? httpV2 : httpV3)[name]?.compile(args)
}

/**
 * Tells what makes a rule fail for an input: the first operand of `&&` that does not hold, down to a matcher or to an `||` of which no branch
 * holds. Null when the rule matches. For people who ask; it compiles anew each time.
 */
export function firstFailure(node: RuleNode, input: MatchInput): string | null {
  if (node.kind === 'and') {
    for (const child of node.nodes) {
      const failure = firstFailure(child, input)
      if (failure !== null) return failure
    }
    return null
  }
  return compileMatcher(node)(input) ? null : printRule(node)
}
