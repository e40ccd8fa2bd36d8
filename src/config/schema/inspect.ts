/** Reading of schemas: our keywords in typed form. Everything that walks a schema (decoder, encoders, documents) goes through here. */
import type { Keywords, SchemaKind, TSchema } from './kit.ts'

/** A schema with the keywords that all walkers need, whatever its TypeBox type. */
export interface SchemaNode extends Keywords {
  readonly kind: SchemaKind
  readonly description?: string
  readonly default?: unknown
  readonly allowEmpty?: true
  /** Names that are accepted and dropped. */
  readonly ignored?: readonly string[]
  readonly minimum?: number
  readonly bits?: 32 | 64
  /** Options of an object. */
  readonly properties?: Readonly<Record<string, SchemaNode>>
  /** Names of the options that are created with the object; the others are optional. */
  readonly required?: readonly string[]
  /** Schema of a list's items. */
  readonly items?: SchemaNode
  /** Schema of a map's values. */
  readonly item?: SchemaNode
}

/** Takes a schema of the kit as what it is, for walking. */
export function nodeOf(schema: TSchema): SchemaNode {
  if (!isNode(schema)) throw new Error('not a schema of the kit: it has no kind')
  return schema
}

function isNode(schema: TSchema): schema is SchemaNode {
  return 'kind' in schema
}

/** Says whether a value is an object with members (not a list, not null). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
