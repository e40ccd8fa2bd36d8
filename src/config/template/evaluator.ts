import type {
  Command,
  FieldOperand,
  Node,
  NumberOperand,
  Operand,
  Pipeline,
  Span,
  TemplateTree,
  Variable,
  VariableOperand,
  ChainOperand,
} from './ast.ts'
import { toText } from './bytes.ts'
import type { CallContext, TemplateFunction, TemplateFunctions } from './call.ts'
import { TemplateError, TemplateFault, TemplateLimitFault } from './error.ts'
import { formatValue } from './format.ts'
import { fitsInt64 } from './number.ts'
import { placeOf } from './place.ts'
import { matchesType, type Parameters } from './types.ts'
import {
  GoInteger,
  GoList,
  GoMap,
  dict,
  int,
  int64,
  isObject,
  list,
  parameterTypeNames,
  sortedKeys,
  truth,
  typeName,
  type ParameterType,
  type Value,
} from './value.ts'

/** A parsed template with what it is called and the functions that it was parsed with. */
export interface Program {
  readonly file: string
  readonly tree: TemplateTree
  readonly functions: TemplateFunctions
}

/** How the walk over a list of nodes ended. */
type Ending = 'done' | 'break' | 'continue'

/** What a call gets from the pipeline before it, if anything. */
type Final = { readonly value: Value } | undefined

const errorContextMax = 60

/** A piece of the output and the offset in the source that it comes from. */
export interface Piece {
  readonly text: string
  readonly from: number
  /** Whether the piece was copied from the source, character by character. */
  readonly isCopy: boolean
}

/** Executes a tree with data and gives the byte strings it writes; a fault is a TemplateError with its place. */
export function evaluate(program: Program, context: CallContext, data: Value): readonly Piece[] {
  return new Evaluator(program, context).run(data)
}

class Evaluator {
  readonly #file: string
  readonly #tree: TemplateTree
  readonly #functions: TemplateFunctions
  readonly #context: CallContext
  readonly #output: Piece[] = []
  #outputBytes = 0
  #template: string
  #variables: Variable[] = []

  constructor(program: Program, context: CallContext) {
    this.#file = program.file
    this.#tree = program.tree
    this.#functions = program.functions
    this.#context = context
    this.#template = program.file
  }

  run(data: Value): readonly Piece[] {
    this.#variables = [{ name: '$', value: data }]
    this.#walk(this.#tree.body, data)
    return this.#output
  }

  // Faults.

  #fault(span: Span, reason: string, cause?: unknown): TemplateError {
    const source = toText(this.#tree.source.slice(span.from, span.to)).replaceAll(/\s+/g, ' ')
    const shown = source.length > errorContextMax ? `${source.slice(0, errorContextMax)}...` : source
    const place = placeOf(this.#tree.source, span.from)
    return new TemplateError(this.#file, place, `executing ${JSON.stringify(toText(this.#template))} at <${shown}>: ${toText(reason)}`, {
      cause,
    })
  }

  #attempt<T>(span: Span, prefix: string, action: () => T): T {
    try {
      return action()
    } catch (error) {
      if (error instanceof TemplateLimitFault) throw this.#fault(span, error.message, error)
      if (error instanceof TemplateFault) throw this.#fault(span, prefix + error.message, error)
      throw error
    }
  }

  // Nodes.

  #walk(nodes: readonly Node[], dot: Value): Ending {
    for (const node of nodes) {
      const ending = this.#node(node, dot)
      if (ending !== 'done') return ending
    }
    return 'done'
  }

  #node(node: Node, dot: Value): Ending {
    switch (node.kind) {
      case 'text':
        this.#write(node.text, node.from, true)
        return 'done'
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot)
        if (node.pipeline.variables.length === 0) this.#print(node, value)
        return 'done'
      }
      case 'break':
      case 'continue':
        return node.kind
      default:
        return this.#nested(node, dot)
    }
  }

  #nested(node: Exclude<Node, { kind: 'text' | 'action' | 'break' | 'continue' }>, dot: Value): Ending {
    const { budget } = this.#context
    this.#attempt(node, '', () => budget.enter())
    const scope = this.#variables.length
    let ending: Ending = 'done'
    if (node.kind === 'template') {
      this.#invoke(node, dot)
    } else {
      const value = this.#pipeline(node.pipeline, dot)
      if (node.kind === 'range') ending = this.#range(node, value, dot)
      else if (truth(value)) ending = this.#walk(node.body, node.kind === 'with' ? value : dot)
      else ending = this.#walk(node.otherwise, dot)
    }
    this.#variables.length = scope
    budget.leave()
    return ending
  }

  #invoke(node: Extract<Node, { kind: 'template' }>, dot: Value): void {
    const body = this.#tree.templates.get(node.name)
    if (body === undefined) throw this.#fault(node, `template ${JSON.stringify(toText(node.name))} not defined`)
    const value = node.pipeline === undefined ? undefined : this.#pipeline(node.pipeline, dot)
    const [variables, name] = [this.#variables, this.#template]
    this.#variables = [{ name: '$', value }]
    this.#template = node.name
    this.#walk(body, value)
    this.#variables = variables
    this.#template = name
  }

  #range(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>, value: Value, dot: Value): Ending {
    const { variables } = node.pipeline
    const turns = this.#turns(node.pipeline, value)
    let count = 0
    const scope = this.#variables.length
    for (const [index, element] of turns) {
      count++
      this.#attempt(node, '', () => this.#context.budget.step())
      const last = variables.at(-1)
      if (last !== undefined) this.#assign(node, last, element)
      const [first] = variables
      if (variables.length > 1 && first !== undefined) this.#assign(node, first, index)
      const ending = this.#walk(node.body, element)
      this.#variables.length = scope
      if (ending === 'break') break
    }
    return count === 0 ? this.#walk(node.otherwise, dot) : 'done'
  }

  *#turns(pipeline: Pipeline, value: Value): Generator<readonly [Value, Value]> {
    if (value instanceof GoList) {
      for (let i = 0; i < value.items.length; i++) yield [int(i), value.items[i]]
    } else if (value instanceof GoMap && !value.record) {
      for (const key of sortedKeys(value)) yield [key, value.entries.get(key)]
    } else if (value instanceof GoInteger) {
      if (pipeline.variables.length > 1) throw this.#fault(pipeline, `can't use ${value.value} to iterate over more than one variable`)
      for (let i = 0n; i < value.value; i++) yield [new GoInteger(value.kind, i), new GoInteger(value.kind, i)]
    } else if (value !== undefined && value !== null) {
      throw this.#fault(pipeline, `range can't iterate over ${formatValue(value, this.#context.budget)}`)
    }
  }

  // Output.

  #write(text: string, from: number, isCopy: boolean): void {
    this.#output.push({ text, from, isCopy })
    this.#outputBytes += text.length
    const { outputBytesMax } = this.#context.budget.limits
    if (this.#outputBytes > outputBytesMax) {
      throw new TemplateError(this.#file, { line: 0, column: 0 }, `the template writes more than ${outputBytesMax} bytes`)
    }
  }

  #print(span: Span, value: Value): void {
    let text: string
    if (typeof value === 'string') text = value
    else if (value === undefined || value === null) text = '<no value>'
    else text = this.#attempt(span, '', () => formatValue(value, this.#context.budget))
    this.#write(text, span.from, false)
  }

  // Variables.

  #assign(span: Span, name: string, value: Value): void {
    for (let i = this.#variables.length - 1; i >= 0; i--) {
      const variable = this.#variables[i]
      if (variable?.name === name) {
        variable.value = value
        return
      }
    }
    throw this.#fault(span, `undefined variable: ${toText(name)}`)
  }

  #variable(span: Span, name: string): Value {
    for (let i = this.#variables.length - 1; i >= 0; i--) {
      const variable = this.#variables[i]
      if (variable?.name === name) return variable.value
    }
    throw this.#fault(span, `undefined variable: ${toText(name)}`)
  }

  // Pipelines.

  #pipeline(pipeline: Pipeline, dot: Value): Value {
    let final: Final
    for (const command of pipeline.commands) {
      const value = this.#command(command, dot, final)
      // A nil inside an interface is nothing once a pipeline has it.
      final = { value: value === null ? undefined : value }
    }
    const value = final?.value
    for (const name of pipeline.variables) {
      if (pipeline.declares) this.#variables.push({ name, value })
      else this.#assign(pipeline, name, value)
    }
    return value
  }

  #command(command: Command, dot: Value, final: Final): Value {
    const { first, args } = command
    this.#attempt(command, '', () => this.#context.budget.step())
    switch (first.kind) {
      case 'function':
        return this.#callNamed(command, first.name, { args, final, dot })
      case 'field':
        return this.#fields(first, dot, first.fields, { args, final, dot })
      case 'chain':
        return this.#chain(first, { args, final, dot })
      case 'variable':
        return this.#variableFields(first, { args, final, dot })
      default:
        if (args.length > 0 || final !== undefined) throw this.#notFunction(first)
        if (first.kind === 'nil') throw this.#fault(first, 'nil is not a command')
        return this.#operand(first, dot)
    }
  }

  #notFunction(operand: Operand): TemplateError {
    return this.#fault(operand, `can't give argument to non-function ${toText(this.#tree.source.slice(operand.from, operand.to))}`)
  }

  /** Evaluates an operand whose place asks for no type. */
  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case 'constant':
        return operand.value
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'number':
        return this.#constant(operand)
      case 'field':
        return this.#fields(operand, dot, operand.fields, { args: [], final: undefined, dot })
      case 'chain':
        return this.#chain(operand, { args: [], final: undefined, dot })
      case 'variable':
        return this.#variableFields(operand, { args: [], final: undefined, dot })
      case 'function':
        return this.#callNamed(operand, operand.name, { args: [], final: undefined, dot })
      default:
        return this.#nestedPipeline(operand, dot)
    }
  }

  #nestedPipeline(pipeline: Pipeline, dot: Value): Value {
    const { budget } = this.#context
    this.#attempt(pipeline, '', () => budget.enter())
    const value = this.#pipeline(pipeline, dot)
    budget.leave()
    return value
  }

  #constant(operand: NumberOperand): Value {
    if (operand.isFloat) return operand.float
    if (operand.integer === undefined || !fitsInt64(operand.integer)) throw this.#fault(operand, `${operand.text} overflows int`)
    return int(operand.integer)
  }

  // Fields and methods.

  #chain(chain: ChainOperand, call: Invocation): Value {
    if (chain.base.kind === 'nil') throw this.#fault(chain, 'indirection through explicit nil')
    return this.#fields(chain, this.#operand(chain.base, call.dot), chain.fields, call)
  }

  #variableFields(variable: VariableOperand, call: Invocation): Value {
    const value = this.#variable(variable, variable.name)
    if (variable.fields.length > 0) return this.#fields(variable, value, variable.fields, call)
    if (call.args.length > 0 || call.final !== undefined) throw this.#notFunction(variable)
    return value
  }

  #fields(span: FieldOperand | ChainOperand | VariableOperand, receiver: Value, fields: readonly string[], call: Invocation): Value {
    let value = receiver
    fields.forEach((field, i) => {
      const isLast = i === fields.length - 1
      value = this.#field(span, value, field, isLast ? call : { args: [], final: undefined, dot: call.dot })
    })
    return value
  }

  #field(span: Span, receiver: Value, field: string, call: Invocation): Value {
    if (receiver === undefined) return undefined
    if (receiver === null) throw this.#fault(span, `nil pointer evaluating interface {}.${field}`)
    if (isObject(receiver)) {
      const method = receiver.method(field)
      if (method === undefined) throw this.#fault(span, `can't evaluate field ${field} in type ${receiver.typeName}`)
      const args = this.#arguments(span, field, method, call)
      return this.#attempt(span, `error calling ${field}: `, () => method.call(args))
    }
    if (receiver instanceof GoMap) {
      if (call.args.length > 0 || call.final !== undefined) throw this.#fault(span, `${field} is not a method but has arguments`)
      if (receiver.record && !receiver.entries.has(field))
        throw this.#fault(span, `can't evaluate field ${field} in the data of this template`)
      return receiver.entries.get(field)
    }
    throw this.#fault(span, `can't evaluate field ${field} in type ${typeName(receiver)}`)
  }

  // Calls.

  #callNamed(span: Span, name: string, call: Invocation): Value {
    if (name === 'and' || name === 'or') return this.#shortCircuit(span, name, call)
    const target = this.#functions.get(name)
    if (target === undefined) throw this.#fault(span, `"${toText(name)}" is not a defined function`)
    const values = this.#arguments(span, name, target, call)
    return this.#attempt(span, `error calling ${name}: `, () => this.#call(target, values))
  }

  #call(target: TemplateFunction, values: readonly Value[]): Value {
    const { budget } = this.#context
    const result = target.call(this.#context, values)
    if (typeof result === 'string') budget.bytes(result.length)
    else if (result instanceof GoList) budget.items(result.items.length)
    return result
  }

  #shortCircuit(span: Span, name: 'and' | 'or', { args, final, dot }: Invocation): Value {
    if (args.length === 0 && final === undefined) throw this.#fault(span, `wrong number of args for ${name}: want at least 1 got 0`)
    let value: Value
    for (const operand of args) {
      value = this.#operand(operand, dot)
      if (truth(value) === (name === 'or')) return value
    }
    return final === undefined ? value : final.value
  }

  #arguments(span: Span, name: string, target: Parameters, { args, final, dot }: Invocation): Value[] {
    const { parameters, rest } = target
    const count = args.length + (final === undefined ? 0 : 1)
    if (rest === undefined ? count !== parameters.length : count < parameters.length) {
      const want = rest === undefined ? `want ${parameters.length}` : `want at least ${parameters.length}`
      throw this.#fault(span, `wrong number of args for ${name}: ${want} got ${count}`)
    }
    const typeAt = (i: number): ParameterType => parameters[i] ?? rest ?? 'any'
    const values = args.map((operand, i) => this.#argument(operand, typeAt(i), dot))
    if (final !== undefined) values.push(this.#check(span, final.value, typeAt(args.length)))
    return values
  }

  #argument(operand: Operand, type: ParameterType, dot: Value): Value {
    switch (operand.kind) {
      case 'nil':
        if (type === 'any') return null
        if (type === 'map' || type === 'list') return this.#check(operand, null, type)
        throw this.#fault(operand, `cannot assign nil to ${parameterTypeNames[type]}`)
      case 'number':
        return this.#number(operand, type)
      case 'constant':
        if (type === 'any' || type === typeof operand.value || (type === 'bool' && typeof operand.value === 'boolean')) return operand.value
        throw this.#expected(operand, type)
      default:
        return this.#check(operand, this.#operand(operand, dot), type)
    }
  }

  #expected(operand: Operand, type: ParameterType): TemplateError {
    const shown = toText(this.#tree.source.slice(operand.from, operand.to))
    const wanted =
      type === 'int' || type === 'int64' ? 'integer' : type === 'uint32' ? 'unsigned integer' : type === 'float64' ? 'float' : type
    const isScalar = wanted !== 'map' && wanted !== 'list' && wanted !== 'time' && wanted !== 'version'
    return this.#fault(
      operand,
      isScalar ? `expected ${wanted}; found ${shown}` : `can't handle ${shown} for arg of type ${parameterTypeNames[type]}`,
    )
  }

  #number(operand: NumberOperand, type: ParameterType): Value {
    switch (type) {
      case 'any':
        return this.#constant(operand)
      case 'float64':
        return operand.float
      case 'int':
      case 'int64':
        if (operand.integer === undefined || !fitsInt64(operand.integer)) throw this.#expected(operand, type)
        return type === 'int' ? int(operand.integer) : int64(operand.integer)
      case 'uint32':
        if (operand.integer === undefined || operand.integer < 0n || operand.integer > 0xffffffffn) throw this.#expected(operand, type)
        return new GoInteger('uint32', operand.integer)
      default:
        throw this.#expected(operand, type)
    }
  }

  #check(span: Span, value: Value, type: ParameterType): Value {
    if (value === undefined || value === null) {
      if (type === 'any') return null
      if (type === 'map') return dict()
      if (type === 'list') return list([])
      throw this.#fault(span, `invalid value; expected ${parameterTypeNames[type]}`)
    }
    if (matchesType(value, type)) return value
    throw this.#fault(span, `wrong type for value; expected ${parameterTypeNames[type]}; got ${typeName(value)}`)
  }
}

/** The arguments of a call: those written with it, and what the pipeline hands on. */
interface Invocation {
  readonly args: readonly Operand[]
  readonly final: Final
  readonly dot: Value
}
