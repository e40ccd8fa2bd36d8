import type { Budget } from './budget.ts'
import { TemplateFault } from './error.ts'
import type { GoTime } from './go-time.ts'
import type { GoVersion } from './go-version.ts'
import type { GoList, GoMap, ParameterType, Value } from './value.ts'
import { GoInteger, fromPlain, toPlain, type PlainValue } from './value.ts'

/** What a function may use of the world: all of it is passed in. */
export interface TemplateHost {
  /** The time, in milliseconds since 1970. */
  readonly nowMs: () => number
  /** Gives random bytes. */
  readonly randomBytes: (size: number) => Uint8Array
  /** Reads an environment variable; undefined when there is none. */
  readonly env: (name: string) => string | undefined
  /** The name of the local time zone, as the IANA data base has it. */
  readonly timeZone: string
}

/** What a function gets with its arguments. */
export interface CallContext {
  readonly budget: Budget
  readonly host: TemplateHost
}

interface ParameterValues {
  any: Value
  string: string
  int: number
  int64: bigint
  uint32: number
  float64: number
  bool: boolean
  map: GoMap
  list: GoList
  time: GoTime
  version: GoVersion
}

type Arguments<P extends readonly ParameterType[]> = { [K in keyof P]: ParameterValues[P[K]] }

/** A function that templates can call. The evaluator has checked the arguments against `parameters` and `rest` before it calls. */
export interface TemplateFunction {
  readonly parameters: readonly ParameterType[]
  /** The type of further arguments, if any number of them may follow. */
  readonly rest?: ParameterType
  readonly call: (context: CallContext, args: readonly Value[]) => Value
}

/** A table of functions by name. */
export type TemplateFunctions = ReadonlyMap<string, TemplateFunction>

/** Defines a function with a fixed number of arguments. */
export function fn<const P extends readonly ParameterType[]>(
  parameters: P,
  call: (context: CallContext, ...args: Arguments<P>) => Value,
): TemplateFunction {
  return {
    parameters,
    call: (context, args) => call(context, ...unpack<P>(parameters, args)),
  }
}

/** Defines a function whose last argument may be there any number of times. */
export function variadic<const P extends readonly ParameterType[], R extends ParameterType>(
  parameters: P,
  rest: R,
  call: (context: CallContext, rest: readonly ParameterValues[R][], ...args: Arguments<P>) => Value,
): TemplateFunction {
  return {
    parameters,
    rest,
    call: (context, args) => {
      const more = args.slice(parameters.length)
      const types: readonly R[] = more.map(() => rest)
      return call(context, unpack<readonly R[]>(types, more), ...unpack<P>(parameters, args))
    },
  }
}

function unpack<P extends readonly ParameterType[]>(parameters: P, args: readonly Value[]): Arguments<P> {
  const values = parameters.map((type, i) =>
    type === 'int64' ? integer(args[i]) : type === 'int' || type === 'uint32' ? Number(integer(args[i])) : args[i],
  )
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the evaluator checked each argument against the same list of types.
  return values as unknown as Arguments<P>
}

function integer(value: Value): bigint {
  if (value instanceof GoInteger) return value.value
  throw new TemplateFault('expected an integer')
}

/** Makes a function of the caller's: it gets and gives plain values. */
export function plainFunction(call: (...args: readonly PlainValue[]) => PlainValue): TemplateFunction {
  return {
    parameters: [],
    rest: 'any',
    call: (context, args) => {
      const result = fromPlain(call(...args.map((value) => toPlain(value))))
      if (typeof result === 'string') context.budget.bytes(result.length)
      return result
    },
  }
}

/** Makes a table of functions; later ones replace earlier ones. */
export function table(functions: Readonly<Record<string, TemplateFunction>>): TemplateFunctions {
  return new Map(Object.entries(functions))
}
