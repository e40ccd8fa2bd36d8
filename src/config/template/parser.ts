import type { Command, Node, NumberOperand, Operand, Pipeline, TemplateTree } from './ast.ts'
import { codePoint, runeWidth, splitRunes, toText } from './bytes.ts'
import { TemplateError } from './error.ts'
import { Lexer, LexicalFault, type Token } from './lexer.ts'
import { parseFloatLiteral, parseIntegerLiteral } from './number.ts'
import { placeOf } from './place.ts'
import { unquote } from './unquote.ts'

/** What a parser needs to know of the functions. */
export interface FunctionNames {
  has(name: string): boolean
}

const depthMax = 100
const keywords = new Set(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'nil', 'template', 'with'])

/** How a list of nodes came to its end. */
interface Block {
  readonly nodes: readonly Node[]
  readonly ending: 'end' | 'else'
}

/** Parses the byte string of a template; a fault is a TemplateError with its place. */
export function parseTree(file: string, source: string, functions: FunctionNames): TemplateTree {
  return new Parser(file, source, functions).parse()
}

class Parser {
  readonly #file: string
  readonly #source: string
  readonly #functions: FunctionNames
  readonly #lexer: Lexer
  readonly #templates = new Map<string, readonly Node[]>()
  readonly #ahead: Token[] = []
  #variables: string[] = ['$']
  #depth = 0
  #ranges = 0
  /** Where the last token taken ends. */
  #end = 0

  constructor(file: string, source: string, functions: FunctionNames) {
    this.#file = file
    this.#source = source
    this.#functions = functions
    this.#lexer = new Lexer(source)
  }

  parse(): TemplateTree {
    const body: Node[] = []
    for (;;) {
      const token = this.#take()
      if (token.kind === 'end') return { source: this.#source, body, templates: this.#templates }
      if (token.kind === 'text') {
        body.push({ kind: 'text', text: token.text, from: token.from })
        continue
      }
      const word = this.#peekSolid()
      if (word.kind === 'word' && word.text === 'define') {
        this.#takeSolid()
        this.#define(token.from)
      } else if (word.kind === 'word' && (word.text === 'end' || word.text === 'else')) {
        throw this.#fault(word.from, `unexpected {{${word.text}}}`)
      } else {
        body.push(...this.#action(token.from))
      }
    }
  }

  // Tokens.

  #take(): Token {
    const token = this.#ahead.shift() ?? this.#lex()
    this.#end = token.from + token.text.length
    return token
  }

  #peek(): Token {
    if (this.#ahead.length === 0) this.#ahead.push(this.#lex())
    return this.#ahead[0] ?? this.#lex()
  }

  #lex(): Token {
    try {
      return this.#lexer.next()
    } catch (error) {
      if (error instanceof LexicalFault) throw this.#fault(error.offset, error.message)
      throw error
    }
  }

  #peekSolid(): Token {
    while (this.#peek().kind === 'space') this.#ahead.shift()
    return this.#peek()
  }

  #takeSolid(): Token {
    this.#peekSolid()
    return this.#take()
  }

  #fault(offset: number, reason: string): TemplateError {
    return new TemplateError(this.#file, placeOf(this.#source, offset), reason)
  }

  #unexpected(token: Token, context: string): TemplateError {
    const found =
      token.kind === 'end' ? 'EOF' : token.kind === 'word' && keywords.has(token.text) ? `<${token.text}>` : quoteBriefly(token.text)
    return this.#fault(token.from, `unexpected ${found} in ${context}`)
  }

  #expectRight(context: string): void {
    const token = this.#takeSolid()
    if (token.kind !== 'right') throw this.#unexpected(token, context)
  }

  #enter(offset: number): void {
    this.#depth++
    if (this.#depth > depthMax) throw this.#fault(offset, `nested deeper than ${depthMax}`)
  }

  // Actions.

  #action(from: number): Node[] {
    const word = this.#peekSolid()
    if (word.kind === 'word') {
      switch (word.text) {
        case 'if':
        case 'with':
        case 'range':
          this.#takeSolid()
          return [this.#control(word.text, from)]
        case 'template':
          this.#takeSolid()
          return [this.#invoke(from)]
        case 'block':
          this.#takeSolid()
          return [this.#block(from)]
        case 'break':
        case 'continue':
          this.#takeSolid()
          return [this.#jump(word.text, from)]
        case 'define':
          throw this.#unexpected(word, 'command')
        default:
      }
    }
    const pipeline = this.#pipeline('command', 'right')
    return [{ kind: 'action', pipeline, from, to: this.#end }]
  }

  #jump(kind: 'break' | 'continue', from: number): Node {
    this.#expectRight(`{{${kind}}}`)
    if (this.#ranges === 0) throw this.#fault(from, `{{${kind}}} outside {{range}}`)
    return { kind, from, to: this.#end }
  }

  #control(kind: 'if' | 'with' | 'range', from: number): Node {
    this.#enter(from)
    const scope = this.#variables.length
    const pipeline = this.#pipeline(kind, 'right')
    if (kind === 'range') this.#ranges++
    const body = this.#nodes(from, kind)
    if (kind === 'range') this.#ranges--
    const otherwise = body.ending === 'else' ? this.#otherwise(kind, from) : []
    this.#variables.length = scope
    this.#depth--
    return { kind, pipeline, body: body.nodes, otherwise, from, to: this.#end }
  }

  #otherwise(kind: 'if' | 'with' | 'range', from: number): readonly Node[] {
    const word = this.#peekSolid()
    // "else if" and "else with" share the end of the action that they continue.
    if (kind !== 'range' && word.kind === 'word' && word.text === kind) {
      this.#takeSolid()
      return [this.#control(kind, from)]
    }
    this.#expectRight('else')
    const block = this.#nodes(from, kind)
    if (block.ending === 'else') throw this.#fault(this.#end, `expected end; found {{else}}`)
    return block.nodes
  }

  /** Reads nodes up to `{{end}}`, which it takes whole, or to `{{else`, of which it leaves the rest. */
  #nodes(from: number, kind: string): Block {
    const nodes: Node[] = []
    for (;;) {
      const token = this.#take()
      if (token.kind === 'end') throw this.#fault(from, `unexpected EOF: {{${kind}}} without {{end}}`)
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text, from: token.from })
        continue
      }
      const word = this.#peekSolid()
      if (word.kind === 'word' && word.text === 'end') {
        this.#takeSolid()
        this.#expectRight('end')
        return { nodes, ending: 'end' }
      }
      if (word.kind === 'word' && word.text === 'else') {
        this.#takeSolid()
        return { nodes, ending: 'else' }
      }
      nodes.push(...this.#action(token.from))
    }
  }

  #templateName(context: string): string {
    const token = this.#takeSolid()
    if (token.kind !== 'string' && token.kind !== 'raw') throw this.#unexpected(token, context)
    return this.#unquote(token)
  }

  #invoke(from: number): Node {
    const name = this.#templateName('template clause')
    if (this.#peekSolid().kind === 'right') {
      this.#take()
      return { kind: 'template', name, from, to: this.#end }
    }
    const pipeline = this.#pipeline('template clause', 'right')
    return { kind: 'template', name, pipeline, from, to: this.#end }
  }

  #block(from: number): Node {
    const name = this.#templateName('block clause')
    const pipeline = this.#pipeline('block clause', 'right')
    const to = this.#end
    this.#templateBody(name, from, 'block')
    return { kind: 'template', name, pipeline, from, to }
  }

  #define(from: number): void {
    const name = this.#templateName('define clause')
    this.#expectRight('define clause')
    this.#templateBody(name, from, 'define')
  }

  #templateBody(name: string, from: number, kind: string): void {
    this.#enter(from)
    const [variables, ranges] = [this.#variables, this.#ranges]
    this.#variables = ['$']
    this.#ranges = 0
    const block = this.#nodes(from, kind)
    if (block.ending === 'else') throw this.#fault(this.#end, `unexpected {{else}} in ${kind} clause`)
    this.#variables = variables
    this.#ranges = ranges
    this.#depth--
    const known = this.#templates.get(name)
    const isEmpty = (nodes: readonly Node[]) => nodes.every((node) => node.kind === 'text' && /^[ \t\r\n]*$/.test(node.text))
    // A definition of nothing but white space never replaces another one.
    if (known === undefined || isEmpty(known)) this.#templates.set(name, block.nodes)
    else if (!isEmpty(block.nodes)) throw this.#fault(from, `multiple definition of template ${JSON.stringify(toText(name))}`)
  }

  // Pipelines.

  #pipeline(context: string, closing: 'right' | ')'): Pipeline {
    const from = this.#peekSolid().from
    const declaration = this.#declaration(context)
    const commands: Command[] = []
    for (;;) {
      const token = this.#peekSolid()
      if (token.kind === 'right' || (token.kind === 'symbol' && token.text === ')')) {
        if ((token.kind === 'right') !== (closing === 'right')) throw this.#unexpected(token, context)
        const to = commands.at(-1)?.to ?? this.#end
        this.#take()
        this.#checkCommands(commands, token, context)
        return { kind: 'pipeline', commands, ...declaration, from, to }
      }
      commands.push(this.#command())
    }
  }

  #checkCommands(commands: readonly Command[], token: Token, context: string): void {
    if (commands.length === 0) throw this.#fault(token.from, `missing value for ${context}`)
    commands.forEach((command, i) => {
      const kind = command.first.kind
      const isValue = kind === 'constant' || kind === 'dot' || kind === 'nil' || kind === 'number'
      if (i > 0 && isValue) throw this.#fault(command.from, `non executable command in pipeline stage ${i + 1}`)
    })
  }

  #declaration(context: string): { variables: readonly string[]; declares: boolean } {
    const variables: string[] = []
    const offset = this.#peekSolid().from
    while (this.#peekSolid().kind === 'variable') {
      const token = this.#take()
      const hadSpace = this.#peek().kind === 'space'
      const next = this.#peekSolid()
      if (next.kind === 'symbol' && (next.text === ':=' || next.text === '=')) {
        this.#take()
        variables.push(token.text)
        this.#useVariables(variables, next.text === ':=', token.from, context)
        return { variables, declares: next.text === ':=' }
      }
      if (next.kind === 'symbol' && next.text === ',') {
        this.#take()
        variables.push(token.text)
        if (context !== 'range' || variables.length > 1) throw this.#fault(token.from, `too many declarations in ${context}`)
        continue
      }
      if (variables.length > 0) throw this.#fault(offset, 'range can only initialize variables')
      // It is no declaration: the tokens go back.
      if (hadSpace) this.#ahead.unshift({ kind: 'space', text: ' ', from: this.#end })
      this.#ahead.unshift(token)
      return { variables: [], declares: false }
    }
    if (variables.length > 0) throw this.#fault(offset, 'range can only initialize variables')
    return { variables, declares: false }
  }

  #useVariables(variables: readonly string[], declares: boolean, offset: number, context: string): void {
    if (declares) this.#variables.push(...variables)
    const unknown = variables.find((name) => !this.#variables.includes(name))
    if (unknown !== undefined) throw this.#fault(offset, `undefined variable "${toText(unknown)}" in ${context}`)
  }

  #command(): Command {
    const from = this.#peekSolid().from
    const operands: Operand[] = []
    let to = from
    for (;;) {
      this.#peekSolid()
      const operand = this.#operand()
      if (operand !== undefined) {
        operands.push(operand)
        to = this.#end
      }
      const token = this.#peek()
      if (token.kind === 'space' && operand !== undefined) {
        this.#take()
        continue
      }
      if (token.kind === 'right' || (token.kind === 'symbol' && token.text === ')')) break
      if (token.kind === 'symbol' && token.text === '|') {
        // Nothing may follow, as in Go: "{{ 1 | }}" is 1.
        this.#take()
        break
      }
      throw this.#unexpected(token, 'operand')
    }
    const [first, ...args] = operands
    if (first === undefined) throw this.#fault(from, 'empty command')
    return { first, args, from, to }
  }

  #operand(): Operand | undefined {
    const base = this.#term()
    if (base === undefined) return undefined
    const from = base.from
    const fields: string[] = []
    while (this.#peek().kind === 'field') fields.push(this.#take().text.slice(1))
    if (fields.length === 0) return base
    const to = this.#end
    switch (base.kind) {
      case 'field':
        return { kind: 'field', fields: [...base.fields, ...fields], from, to }
      case 'variable':
        return { kind: 'variable', name: base.name, fields: [...base.fields, ...fields], from, to }
      case 'pipeline':
      case 'function':
        return { kind: 'chain', base, fields, from, to }
      default:
        throw this.#fault(from, `unexpected . after term "${toText(this.#source.slice(from, base.to))}"`)
    }
  }

  #term(): Operand | undefined {
    const token = this.#peek()
    const from = token.from
    const to = from + token.text.length
    switch (token.kind) {
      case 'word':
        return this.#word(token)
      case 'variable':
        this.#take()
        if (!this.#variables.includes(token.text)) throw this.#fault(from, `undefined variable "${toText(token.text)}"`)
        return { kind: 'variable', name: token.text, fields: [], from, to }
      case 'field':
        this.#take()
        return { kind: 'field', fields: [token.text.slice(1)], from, to }
      case 'string':
      case 'raw':
        this.#take()
        return { kind: 'constant', value: this.#unquote(token), from, to }
      case 'character':
      case 'number':
        this.#take()
        return token.kind === 'number' ? this.#number(token) : this.#character(token)
      case 'symbol':
        if (token.text === '.') {
          this.#take()
          return { kind: 'dot', from, to }
        }
        if (token.text === '(') return this.#parenthesis()
        return undefined
      default:
        return undefined
    }
  }

  #parenthesis(): Operand {
    const token = this.#take()
    this.#enter(token.from)
    const pipeline = this.#pipeline('parenthesized pipeline', ')')
    this.#depth--
    return { ...pipeline, from: token.from, to: this.#end }
  }

  #word(token: Token): Operand {
    const { text, from } = token
    const to = from + text.length
    if (text === 'nil') {
      this.#take()
      return { kind: 'nil', from, to }
    }
    if (text === 'true' || text === 'false') {
      this.#take()
      return { kind: 'constant', value: text === 'true', from, to }
    }
    if (keywords.has(text)) throw this.#unexpected(token, 'operand')
    if (!this.#functions.has(text)) throw this.#fault(from, `function "${toText(text)}" not defined`)
    this.#take()
    return { kind: 'function', name: text, from, to }
  }

  #unquote(token: Token): string {
    const text = unquote(token.text)
    if (text === undefined) throw this.#fault(token.from, 'invalid syntax')
    return text
  }

  #character(token: Token): NumberOperand {
    const inner = token.text.slice(1, -1)
    const value = this.#unquote(token)
    const escapedByte = /^\\[x0-7]/.test(inner)
    const whole =
      value.length > 0 && (escapedByte ? value.length === 1 : splitRunes(value).length === 1 && runeWidth(value, 0) === value.length)
    if (!whole) throw this.#fault(token.from, `malformed character constant: ${toText(token.text)}`)
    const rune = escapedByte ? value.charCodeAt(0) : codePoint(value)
    return {
      kind: 'number',
      text: token.text,
      integer: BigInt(rune),
      float: rune,
      isFloat: false,
      from: token.from,
      to: token.from + token.text.length,
    }
  }

  #number(token: Token): NumberOperand {
    const { text, from } = token
    const to = from + text.length
    const integer = parseIntegerLiteral(text)
    const looksFloat = /[.pP]/.test(text) || (/[eE]/.test(text) && !/^[+-]?0[xX]/.test(text))
    if (integer !== undefined) {
      return { kind: 'number', text, integer, float: Number(integer), isFloat: false, from, to }
    }
    const float = parseFloatLiteral(text)
    if (float === undefined || !looksFloat) throw this.#fault(from, `integer overflow: "${text}"`)
    const whole = Number.isInteger(float) && Math.abs(float) < 2 ** 63
    return { kind: 'number', text, float, isFloat: true, from, to, ...(whole ? { integer: BigInt(float) } : {}) }
  }
}

function quoteBriefly(text: string): string {
  const shown = toText(text)
  return JSON.stringify(shown.length > 10 ? `${shown.slice(0, 10)}...` : shown)
}
