/** From decoded configuration to plain JSON with Traefik's key names: for the API, for printing, for logs. */
import { formatGoDuration } from '../../std/duration.ts'
import { isRecord, nodeOf } from './inspect.ts'
import type { SchemaNode } from './inspect.ts'
import type { TSchema } from './kit.ts'
import { createRecord } from './raw.ts'

declare global {
  interface JSON {
    /** Text that JSON.stringify takes over as it is; in Node since 21, not yet in TypeScript's library. */
    rawJSON(text: string): unknown
  }
}

/** What stands for a secret. */
export const secretMask = 'xxxx'

/** How a configuration is encoded. */
interface EncodeOptions {
  /** Leaves out what is empty, as Go's `omitempty`. */
  readonly omitEmpty: boolean
  /** Masks secrets. */
  readonly redact: boolean
  /** Masks what tells about the user's network, too. */
  readonly anonymize?: boolean
  /** Leaves options of ours out where they have their defaults, so that the rest is as Traefik's. */
  readonly asTraefik: boolean
}

/**
 * Encodes decoded configuration as Traefik's API shows it: durations as Go texts, empty values left out save those that Traefik holds by
 * reference. Integers of 64 bits are bigints: print the result with `stringifyJson`.
 */
export function toApi(schema: TSchema, value: unknown): unknown {
  return encode(nodeOf(schema), value, { omitEmpty: true, redact: false, asTraefik: true })
}

/** Encodes decoded configuration with all its defaults, as it could be written into a file; secrets are masked. */
export function toPrintable(schema: TSchema, value: unknown): unknown {
  return encode(nodeOf(schema), value, { omitEmpty: false, redact: true, asTraefik: false })
}

/** Encodes decoded configuration as `toApi` does, with secrets masked, and with what tells about the user's network. */
export function toAnonymous(schema: TSchema, value: unknown): unknown {
  return encode(nodeOf(schema), value, { omitEmpty: true, redact: true, anonymize: true, asTraefik: true })
}

/** Copies decoded configuration with its secrets masked; empty ones stay empty. */
export function redact(schema: TSchema, value: unknown): unknown {
  return mask(nodeOf(schema), value)
}

/** Prints JSON with bigints as exact integers. */
export function stringifyJson(value: unknown, space?: number): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? JSON.rawJSON(member.toString()) : member), space)
}

function encode(node: SchemaNode, value: unknown, options: EncodeOptions): unknown {
  if (value === undefined) return undefined
  if (options.anonymize === true && node.masked === true) return secretMask
  switch (node.kind) {
    case 'object':
      return isRecord(value) ? encodeObject(node, value, options) : undefined
    case 'map': {
      const result = createRecord<unknown>()
      if (isRecord(value) && node.item !== undefined)
        for (const [key, member] of Object.entries(value)) result[key] = encode(node.item, member, options)
      return result
    }
    case 'list': {
      const items = node.items
      if (!Array.isArray(value) || items === undefined) return []
      return value.map((item: unknown) => (options.redact && node.secret === true ? secretMask : encode(items, item, options)))
    }
    case 'duration':
      return typeof value === 'number' ? formatGoDuration(value) : value
    default:
      return options.redact && node.secret === true && value !== '' ? secretMask : value
  }
}

function encodeObject(node: SchemaNode, value: Record<string, unknown>, options: EncodeOptions): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const member = value[name]
    if (member === undefined || child.hidden === true) continue
    // What only labels or stores can set is never shown.
    if (child.only !== undefined && (options.asTraefik || !child.only.includes('file'))) continue
    const isOptional = node.required?.includes(name) !== true
    if (options.asTraefik && child.extension === true && !isOptional && member === child.default) continue
    if (options.omitEmpty && child.pointer !== true && isEmpty(child, member, isOptional)) continue
    result[name] = encode(child, member, options)
  }
  return result
}

function isEmpty(node: SchemaNode, value: unknown, isOptional: boolean): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (node.kind === 'map') return isRecord(value) && Object.keys(value).length === 0
  // An optional scalar is a reference in Traefik, shown even when it points to an empty value.
  if (node.kind === 'object' || isOptional) return false
  return value === '' || value === 0 || value === 0n || value === false
}

function mask(node: SchemaNode, value: unknown): unknown {
  if (node.secret === true) {
    if (Array.isArray(value)) return value.map(() => secretMask)
    return value === '' || value === undefined ? value : secretMask
  }
  const { items } = node
  if (Array.isArray(value)) return items === undefined ? value : value.map((item: unknown) => mask(items, item))
  if (!isRecord(value) || node.kind === 'any') return value
  const result: Record<string, unknown> = node.kind === 'map' ? createRecord() : {}
  for (const [key, member] of Object.entries(value)) {
    const child = node.kind === 'map' ? node.item : node.properties?.[key]
    result[key] = child === undefined ? member : mask(child, member)
  }
  return result
}
