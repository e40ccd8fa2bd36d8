/**
 * Makes plain JSON Schema objects with TypeBox's types. TypeBox types the schemas and nothing more: loading its code costs every thread
 * some 19 MiB of resident memory (measured), for objects that are as easily written out.
 */
import type {
  TArray,
  TBigInt,
  TBoolean,
  TInteger,
  TNumber,
  TObject,
  TOptional,
  TProperties,
  TRecord,
  TSchema,
  TString,
  TUnknown,
} from 'typebox'

type Options = Readonly<Record<string, unknown>>

/** Marks a schema as optional for the object that holds it; not shown in the published schema. */
const optionalMark = Symbol('optional')

/** Constructors by TypeBox's names. */
export const Type = {
  String: (options: Options = {}): TString => plain({ type: 'string', ...options }),
  Boolean: (options: Options = {}): TBoolean => plain({ type: 'boolean', ...options }),
  Integer: (options: Options = {}): TInteger => plain({ type: 'integer', ...options }),
  BigInt: (options: Options = {}): TBigInt => plain({ type: 'bigint', ...options }),
  Number: (options: Options = {}): TNumber => plain({ type: 'number', ...options }),
  Unknown: (options: Options = {}): TUnknown => plain({ ...options }),
  Array: <S extends TSchema>(items: S, options: Options = {}): TArray<S> => plain({ type: 'array', items, ...options }),
  Record: <S extends TSchema>(item: S, options: Options = {}): TRecord<'^.*$', S> =>
    plain({ type: 'object', patternProperties: { '^.*$': item }, ...options }),
  Object: <P extends TProperties>(properties: P, options: Options = {}): TObject<P> => {
    const required = Object.keys(properties).filter((key) => !isOptional(properties[key]))
    return plain({ type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options })
  },
  /** A copy, so that the mark stays out of the schema itself. */
  Optional: <S extends TSchema>(schema: S): TOptional<S> => {
    const copy = { ...schema }
    Object.defineProperty(copy, optionalMark, { value: true })
    return plain(copy)
  },
}

function isOptional(schema: TSchema | undefined): boolean {
  return schema !== undefined && optionalMark in schema
}

function plain<S>(schema: unknown): S {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each constructor writes out what its TypeBox type describes.
  return schema as S
}
