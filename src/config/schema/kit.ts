/**
 * The kit that all configuration schemas are made of. A schema is a TypeBox schema, hence a plain JSON Schema object, with keywords of
 * ours beside the standard ones. The decoder, the encoders, the editor schemas, the reference pages and the redaction read these keywords
 * and never test for a particular option. The TypeScript type of what is decoded is inferred from the schema.
 *
 * Every option has a value once its parent exists (the `default`, or else the empty value of its type), save those wrapped in
 * `optional(…)`, which are absent until configured. Durations are milliseconds (see std/duration.ts).
 */
import type {
  Static,
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
import { parseGoDuration } from '../../std/duration.ts'
import { Type } from './plain.ts'

export type { Static, TObject, TSchema } from 'typebox'

/** What the decoder makes of a value. */
export type SchemaKind = 'text' | 'bool' | 'int' | 'bigint' | 'float' | 'duration' | 'list' | 'map' | 'object' | 'any'

/** Where a configuration tree came from; some options exist only for some of these. */
export type TreeSource = 'file' | 'flags' | 'environment' | 'label' | 'kv' | 'rest'

/** Keywords of ours that any option may carry. */
export interface Keywords {
  /** Text for reference pages instead of the default: what applies when the option is left empty. */
  readonly effective?: string
  /** What to use instead; the option still works. */
  readonly deprecated?: string
  /** Names that have a meaning, for editors and for hints; the decoder takes other texts too. */
  readonly values?: readonly string[]
  /** Shown by the API even when it is empty, since Traefik holds it by reference. */
  readonly pointer?: true
  /** A path if such a file exists, or else the content itself. */
  readonly fileOrContent?: true
  /** Masked in logs and printed configuration. */
  readonly secret?: true
  /** Emptied in support dumps, since it tells about the user's network. */
  readonly masked?: true
  /** Set by providers of Traefik only: other sources may name it, and the value is dropped. */
  readonly internal?: true
  /** The sources that can set it; others may name it, and the value is dropped. */
  readonly only?: readonly TreeSource[]
  /** Name in labels, where the list is written as its only item (`loadbalancer.server.port`). */
  readonly labelAs?: string
  /** Not settable by labels: such labels are dropped without an error. */
  readonly noLabel?: true
  /** False: decoded, but nothing reads it yet; reported by name when it is given. */
  readonly built?: false
  /** Accepted for compatibility; there is nothing that it could change here. */
  readonly noEffect?: true
  /** Never configured nor shown: set by our own code. */
  readonly hidden?: true
  /** An option that Traefik does not have. */
  readonly extension?: true
  /** Name of the type in Traefik's error texts. */
  readonly goType?: string
}

/** Keywords of an object. */
export interface ObjectKeywords extends Keywords {
  /** May stand alone (`x: {}`, `x: true`, `--x`), and is then created with its defaults. */
  readonly allowEmpty?: true
  /** Names that Traefik accepts and drops, whatever they hold: fields that only its own code sets. */
  readonly ignored?: readonly string[]
}

/** Keywords of an integer. */
export interface IntKeywords extends Keywords {
  readonly default?: number
  readonly minimum?: number
  /** Width in bits for the range check; 64 when absent. */
  readonly bits?: 32 | 64
}

/** A text option; empty unless a default is given. */
export function text(doc: string, keywords: Keywords & { readonly default?: string } = {}): TString {
  return Type.String({ kind: 'text', description: doc, default: '', ...keywords })
}

/** A yes/no option; false unless a default is given. */
export function bool(doc: string, keywords: Keywords & { readonly default?: boolean } = {}): TBoolean {
  return Type.Boolean({ kind: 'bool', description: doc, default: false, ...keywords })
}

/** An integer option; 0 unless a default is given. */
export function int(doc: string, keywords: IntKeywords = {}): TInteger {
  return Type.Integer({ kind: 'int', description: doc, default: 0, ...keywords })
}

/** An integer option that needs all 64 bits, such as a priority; 0 unless a default is given. */
export function bigInt(doc: string, keywords: Keywords & { readonly default?: bigint } = {}): TBigInt {
  return Type.BigInt({ kind: 'bigint', description: doc, default: 0n, ...keywords })
}

/** A fractional number; 0 unless a default is given. */
export function float(doc: string, keywords: Keywords & { readonly default?: number } = {}): TNumber {
  return Type.Number({ kind: 'float', description: doc, default: 0, ...keywords })
}

/** A duration in milliseconds; its default is given as Go text, and 0 without one. */
export function duration(doc: string, keywords: Keywords & { readonly default?: string } = {}): TNumber {
  const ms = parseGoDuration(keywords.default ?? '0s')
  if (ms === undefined) throw new Error(`default of a duration is no duration: ${keywords.default}`)
  return Type.Number({ kind: 'duration', description: doc, ...keywords, default: ms })
}

/** A list of texts; empty unless a default is given. */
export function textList(doc: string, keywords: Keywords & { readonly default?: readonly string[] } = {}): TArray<TString> {
  return Type.Array(Type.String({ kind: 'text', default: '' }), { kind: 'list', description: doc, default: [], ...keywords })
}

/** A list of numbers; empty unless a default is given. */
export function floatList(doc: string, keywords: Keywords & { readonly default?: readonly number[] } = {}): TArray<TNumber> {
  return Type.Array(Type.Number({ kind: 'float', default: 0 }), { kind: 'list', description: doc, default: [], ...keywords })
}

/** A list of objects; empty until given. */
export function objectList<P extends TProperties>(doc: string, properties: P, keywords: Keywords = {}): TArray<TObject<P>> {
  return Type.Array(object('', properties, { allowEmpty: true }), { kind: 'list', description: doc, default: [], ...keywords })
}

/** A map from free names to texts; empty until given. */
export function textMap(doc: string, keywords: Keywords = {}): TRecord<'^.*$', TString> {
  return mapOf(doc, Type.String({ kind: 'text', default: '' }), keywords)
}

/** A map from free names to integers; empty until given. */
export function intMap(doc: string, keywords: Keywords = {}): TRecord<'^.*$', TInteger> {
  return mapOf(doc, Type.Integer({ kind: 'int', default: 0 }), keywords)
}

/** A map from free names to values of one schema; empty until given. Decoded maps have no prototype. */
export function mapOf<S extends TSchema>(doc: string, item: S, keywords: Keywords = {}): TRecord<'^.*$', S> {
  return Type.Record(item, { kind: 'map', description: doc, default: {}, item, ...keywords })
}

/** Any value, passed on as it was read. */
export function anyValue(doc: string, keywords: Keywords = {}): TUnknown {
  return Type.Unknown({ kind: 'any', description: doc, ...keywords })
}

/** An object with the given options. Created together with its parent, unless wrapped in `optional`. */
export function object<P extends TProperties>(doc: string, properties: P, keywords: ObjectKeywords = {}): TObject<P> {
  return Type.Object(properties, { kind: 'object', description: doc, additionalProperties: false, ...keywords })
}

/** Makes an option absent until it is configured. */
export function optional<S extends TSchema>(schema: S): TOptional<S> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeBox types it by a condition that only resolves for a concrete S.
  return Type.Optional(schema)
}

/** One kind of a thing that has many (middlewares, services): the key that selects it and the schema of its options. */
export interface KindDefinition<K extends string = string, S extends TSchema = TSchema> {
  /** Key in the configuration, letter for letter. */
  readonly key: K
  /** False: decoded and shown, but routers that use it are disabled. */
  readonly built: boolean
  readonly options: S
  /** What the schema cannot say: returns Traefik's error text, or undefined when the options are sound. Pure, no I/O. */
  check?(options: Static<S>): string | undefined
  /** True when it counts something for each client, exactly over all workers. */
  readonly countsClients?: boolean
  /** Size of the memory that all workers share for it; it is kept while kind and size stay the same. */
  sharedBytes?(options: Static<S>): number
  /** Names of services that it calls, as they are configured. */
  services?(options: Static<S>): readonly string[]
}

interface KindInput<K extends string, S extends TSchema> {
  readonly key: K
  readonly options: S
  readonly built?: boolean
  check?(options: Static<S>): string | undefined
  readonly countsClients?: boolean
  sharedBytes?(options: Static<S>): number
  services?(options: Static<S>): readonly string[]
}

function defineKind<const K extends string, S extends TSchema>(input: KindInput<K, S>): KindDefinition<K, S> {
  return { built: true, ...input }
}

/** Defines a kind of middleware: the key in the configuration, the schema of its options, and what the schema cannot check. */
export const defineMiddlewareOptions: typeof defineKind = defineKind

/** Defines a kind of service: the key in the configuration, the schema of its options, and what the schema cannot check. */
export const defineServiceOptions: typeof defineKind = defineKind

/** Properties of an object that holds one of the kinds: each key optional. */
export type KindProperties<L extends readonly KindDefinition[]> = { [D in L[number] as D['key']]: TOptional<D['options']> }

/** Makes the properties of an object that holds one of the kinds. */
export function kinds<const L extends readonly KindDefinition[]>(list: L): KindProperties<L> {
  const properties: Record<string, TSchema> = {}
  for (const kind of list) {
    // Type.Optional copies, so that the mark stays out of the kind's own schema.
    const schema: TSchema & { built?: false } = optional(kind.options)
    if (!kind.built) schema.built = false
    properties[kind.key] = schema
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys come from the same list as the type.
  return properties as KindProperties<L>
}
