/** Parses rules to trees, and checks what the parser cannot tell: numbers and forms of arguments. */
import { ruleProblem } from './check.ts'
import { Lexer } from './lexer.ts'
import type { Token } from './lexer.ts'
import { findMatcher } from './matcher-names.ts'
import { joinNodes } from './tree.ts'
import type { RuleLanguage, RuleNode } from './tree.ts'

/** A rule that cannot be read, or whose matchers take no such arguments. */
export class RuleError extends Error {
  /** Where in the rule, in UTF-16 units. */
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'RuleError'
    this.offset = offset
  }
}

/** Parentheses nested deeper are refused, so that no rule exhausts the stack. */
const depthMax = 1000

/** Parsed rules that are kept at most, in two generations of half the number each. */
const cachedMax = 65_536

let young = new Map<string, RuleNode>()
let old = new Map<string, RuleNode>()

/**
 * Parses a rule; throws a RuleError. Equal texts give the same object as long as it is remembered, so that what is compiled from it can be kept.
 */
export function parseRule(text: string, language: RuleLanguage): RuleNode {
  const key = `${language.protocol}${language.syntax}${text}`
  const known = young.get(key)
  if (known !== undefined) return known
  const node = old.get(key) ?? new Parser(text, language).parse()
  if (young.size >= cachedMax / 2) {
    old = young
    young = new Map()
  }
  young.set(key, node)
  return node
}

/** Throws a RuleError when a matcher of the rule takes no such arguments. */
export function checkRule(node: RuleNode): void {
  const problem = ruleProblem(node)
  if (problem !== null) throw new RuleError(problem.message, problem.offset)
}

class Parser {
  readonly #lexer: Lexer
  readonly #language: RuleLanguage
  #token: Token
  #depth = 0

  constructor(text: string, language: RuleLanguage) {
    this.#lexer = new Lexer(text)
    this.#language = language
    this.#token = this.#lexer.next()
  }

  parse(): RuleNode {
    if (this.#token.kind === 'end') throw new RuleError('the rule is empty', this.#token.offset)
    const node = this.#parseOr(false)
    const lineEnd = this.#kind() === 'lineEnd' ? this.#advance() : null
    if (this.#kind() === 'end') return node
    if (lineEnd === null || this.#kind() === 'error') this.#refuse()
    throw new RuleError('unexpected end of line: an operator must stand before a line break', lineEnd.offset)
  }

  /** A call, so that the compiler does not take the kind for unchanged after a step. */
  #kind(): Token['kind'] {
    return this.#token.kind
  }

  #advance(): Token {
    const token = this.#token
    this.#token = this.#lexer.next()
    return token
  }

  #is(operator: string): boolean {
    return this.#token.kind === 'operator' && this.#token.text === operator
  }

  /** Steps over an operator when it stands here. */
  #take(operator: string): boolean {
    const isHere = this.#is(operator)
    if (isHere) this.#advance()
    return isHere
  }

  #refuse(): never {
    const { kind, text, offset } = this.#token
    if (kind === 'error') throw new RuleError(text, offset)
    if (kind === 'end') throw new RuleError('unexpected end of the rule', offset)
    if (kind === 'lineEnd') throw new RuleError('unexpected end of line', offset)
    throw new RuleError(kind === 'string' ? 'unexpected string' : `unexpected ${JSON.stringify(text)}`, offset)
  }

  /** Under a negation `||` is `&&` of negated operands, and the other way round. */
  #parseOr(negated: boolean): RuleNode {
    const operands = [this.#parseAnd(negated)]
    while (this.#take('||')) operands.push(this.#parseAnd(negated))
    return joinNodes(negated ? 'and' : 'or', operands)
  }

  #parseAnd(negated: boolean): RuleNode {
    const operands = [this.#parseUnary(negated)]
    while (this.#take('&&')) operands.push(this.#parseUnary(negated))
    return joinNodes(negated ? 'or' : 'and', operands)
  }

  #parseUnary(outer: boolean): RuleNode {
    let negated = outer
    while (this.#take('!')) negated = !negated
    if (!this.#is('(')) return this.#parseCall(negated)
    this.#depth += 1
    if (this.#depth > depthMax) throw new RuleError(`parentheses are nested more than ${depthMax} deep`, this.#token.offset)
    this.#advance()
    const node = this.#parseOr(negated)
    if (!this.#take(')')) this.#refuse()
    this.#depth -= 1
    return node
  }

  #parseCall(negated: boolean): RuleNode {
    if (this.#token.kind !== 'name') this.#refuse()
    const { text, offset } = this.#advance()
    if (!this.#take('(')) {
      if (this.#kind() === 'error') this.#refuse()
      throw new RuleError(`${JSON.stringify(text)} is no matcher with its arguments in parentheses`, offset)
    }
    const name = findMatcher(text, this.#language)
    if (name === undefined) throw new RuleError(`unsupported function: ${text}`, offset)
    return { kind: 'matcher', name, syntax: this.#language.syntax, args: this.#parseArgs(), negated, offset }
  }

  #parseArgs(): string[] {
    const args: string[] = []
    while (!this.#take(')')) {
      if (this.#token.kind !== 'string') this.#refuse()
      args.push(this.#advance().text)
      if (!this.#is(')') && !this.#take(',')) this.#refuse()
    }
    return args
  }
}
