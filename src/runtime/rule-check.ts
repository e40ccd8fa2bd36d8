/** Checks a rule before it is published; parsed rules are remembered, since most do not change from one generation to the next. */
import type { ConfigProblem } from '../config/schema/problem.ts'
import { checkRule, parseRule, RuleError } from '../rules/parser.ts'
import type { RuleLanguage } from '../rules/tree.ts'

/** What is wrong with a rule, or null. */
export type RuleCheck = (
  rule: string,
  syntax: 'v2' | 'v3',
  protocol?: 'http' | 'tcp',
) => { readonly message: string; readonly more: Partial<ConfigProblem> } | null

/** Makes a check that remembers its answers for as long as they are asked for. */
export function rememberingRuleCheck(): RuleCheck & { forgetUnasked(): void } {
  let known = newAnswers()
  let asked = newAnswers()
  const check: RuleCheck = (rule, syntax, protocol = 'http') => {
    const language = `${protocol} ${syntax}` as const
    let answer = asked[language].get(rule)
    if (answer === undefined) {
      answer = known[language].get(rule)
      if (answer === undefined) answer = problemOf(rule, { protocol, syntax })
      asked[language].set(rule, answer)
    }
    return answer
  }
  return Object.assign(check, {
    forgetUnasked() {
      known = asked
      asked = newAnswers()
    },
  })
}

type Answers = Map<string, ReturnType<RuleCheck>>

/** By language, so that looking a rule up makes no text of its own. */
function newAnswers(): Record<`${'http' | 'tcp'} ${'v2' | 'v3'}`, Answers> {
  return { 'http v2': new Map(), 'http v3': new Map(), 'tcp v2': new Map(), 'tcp v3': new Map() }
}

function problemOf(rule: string, language: RuleLanguage): ReturnType<RuleCheck> {
  try {
    checkRule(parseRule(rule, language))
    return null
  } catch (cause) {
    if (!(cause instanceof RuleError)) throw cause
    return { message: cause.message, more: { found: rule } }
  }
}
