/** Puts the tests of matchers together as the tree says. */
import { fail } from 'node:assert/strict'
import type { Test } from './matcher-kind.ts'
import type { MatcherNode, RuleNode } from './tree.ts'

/** Builds the test of a tree; `compile` gives a matcher's own test, its negation aside. */
export function combineTests<I>(node: RuleNode, compile: (matcher: MatcherNode) => Test<I> | undefined): Test<I> {
  if (node.kind === 'matcher') {
    const test = compile(node) ?? fail(`no matcher ${node.name}`)
    return node.negated ? (input) => !test(input) : test
  }
  const tests = node.nodes.map((child) => combineTests(child, compile))
  return node.kind === 'and' ? allTests(tests) : anyTest(tests)
}

/** Joins tests that must all hold; small numbers have closures of their own, which V8 can inline. */
export function allTests<I>(tests: readonly Test<I>[]): Test<I> {
  const [a, b, c] = tests
  if (a === undefined) return () => true
  if (b === undefined) return a
  if (c === undefined) return (input) => a(input) && b(input)
  if (tests.length === 3) return (input) => a(input) && b(input) && c(input)
  return (input) => {
    for (let i = 0; i < tests.length; i += 1) if (tests[i]?.(input) === false) return false
    return true
  }
}

function anyTest<I>(tests: readonly Test<I>[]): Test<I> {
  const [a, b, c] = tests
  if (a !== undefined && b !== undefined && c === undefined) return (input) => a(input) || b(input)
  return (input) => {
    for (let i = 0; i < tests.length; i += 1) if (tests[i]?.(input) === true) return true
    return false
  }
}
