import type { Value } from './value.ts'

/** What every node knows: where it stands in the template's byte string. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** A number as it was written: it becomes the type that its place asks for. */
export interface NumberOperand extends Span {
  readonly kind: 'number'
  readonly text: string
  /** Its value as an integer, where it is a whole number. */
  readonly integer?: bigint
  readonly float: number
  /** Whether it is a float64 where its place asks for no type. */
  readonly isFloat: boolean
}

/** A variable with the fields asked of it. */
export interface VariableOperand extends Span {
  readonly kind: 'variable'
  readonly name: string
  readonly fields: readonly string[]
}

/** Fields asked of the dot. */
export interface FieldOperand extends Span {
  readonly kind: 'field'
  readonly fields: readonly string[]
}

/** Fields asked of a pipeline in parentheses, or of a function's result. */
export interface ChainOperand extends Span {
  readonly kind: 'chain'
  readonly base: Operand
  readonly fields: readonly string[]
}

/** The name of a function. */
export interface FunctionOperand extends Span {
  readonly kind: 'function'
  readonly name: string
}

/** A constant: a text, true or false. */
export interface ConstantOperand extends Span {
  readonly kind: 'constant'
  readonly value: string | boolean
}

/** One argument. */
export type Operand =
  | NumberOperand
  | VariableOperand
  | FieldOperand
  | ChainOperand
  | FunctionOperand
  | ConstantOperand
  | ({ readonly kind: 'dot' | 'nil' } & Span)
  | Pipeline

/** A command: a value, or a function with its arguments. */
export interface Command extends Span {
  readonly first: Operand
  readonly args: readonly Operand[]
}

/** Commands, each getting the result of the one before as its last argument. */
export interface Pipeline extends Span {
  readonly kind: 'pipeline'
  readonly commands: readonly Command[]
  /** The variables it sets. */
  readonly variables: readonly string[]
  /** Whether it declares its variables (`:=`) or assigns to them (`=`). */
  readonly declares: boolean
}

/** What an action does. */
export type Node =
  | { readonly kind: 'text'; readonly text: string; readonly from: number }
  | ({ readonly kind: 'action'; readonly pipeline: Pipeline } & Span)
  | ({
      readonly kind: 'if' | 'with' | 'range'
      readonly pipeline: Pipeline
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    } & Span)
  | ({ readonly kind: 'template'; readonly name: string; readonly pipeline?: Pipeline } & Span)
  | ({ readonly kind: 'break' | 'continue' } & Span)

/** A parsed template with the templates that it defines. */
export interface TemplateTree {
  /** The bytes it was parsed from. */
  readonly source: string
  readonly body: readonly Node[]
  readonly templates: ReadonlyMap<string, readonly Node[]>
}

/** A variable while a template is executed. */
export interface Variable {
  readonly name: string
  value: Value
}
