/** Scalars of a raw tree by their schema. */
import type { Decoding } from './decoding.ts'
import type { SchemaNode } from './inspect.ts'
import { UnsupportedValue, scalarText } from './raw.ts'
import { parseBigInt, parseBool, parseDurationOption, parseFloat64 } from './scalar.ts'
import type { Parsed } from './scalar.ts'

/** Reads a scalar option; undefined when the value is wrong, which has been reported then. */
export function readScalar(node: SchemaNode, raw: unknown, decoding: Decoding): unknown {
  decoding.given()
  const text = scalarText(raw)
  if (text === undefined) {
    const type = raw instanceof UnsupportedValue ? raw.type : undefined
    const message = type === undefined ? `invalid node ${decoding.key}: ${goKind(node)}` : `${decoding.key}: unsupported type ${type}`
    decoding.fail(message, raw, allowedFor(node))
    return undefined
  }
  if (decoding.plain && !isJsonOf(node, raw)) {
    decoding.fail(
      `json: cannot unmarshal ${jsonType(raw)} into Go struct field ${decoding.path} of type ${goKind(node)}`,
      raw,
      allowedFor(node),
    )
    return undefined
  }
  if (node.kind === 'text') return text
  const parsed = parseByKind(node, text)
  if ('error' in parsed) {
    decoding.fail(parsed.error, raw, parsed.allowed)
    return undefined
  }
  if (node.minimum !== undefined && Number(parsed.value) < node.minimum) {
    decoding.fail(`${decoding.key} must not be less than ${node.minimum}`, raw, `${node.minimum} or more`)
    return undefined
  }
  return parsed.value
}

function parseByKind(node: SchemaNode, text: string): Parsed<boolean | number | bigint> {
  switch (node.kind) {
    case 'bool':
      return parseBool(text)
    case 'int': {
      const parsed = parseBigInt(text, node.bits)
      return 'value' in parsed ? { value: Number(parsed.value) } : parsed
    }
    case 'bigint':
      return parseBigInt(text, node.bits)
    case 'duration':
      return parseDurationOption(text)
    default:
      return parseFloat64(text)
  }
}

function isJsonOf(node: SchemaNode, raw: unknown): boolean {
  switch (node.kind) {
    case 'text':
      return typeof raw === 'string'
    case 'bool':
      return typeof raw === 'boolean'
    case 'duration':
      return typeof raw !== 'boolean'
    default:
      return typeof raw === 'number' || typeof raw === 'bigint'
  }
}

function jsonType(raw: unknown): string {
  if (typeof raw === 'string') return 'string'
  return typeof raw === 'boolean' ? 'bool' : 'number'
}

function goKind(node: SchemaNode): string {
  switch (node.kind) {
    case 'text':
      return 'string'
    case 'bool':
      return 'bool'
    case 'float':
      return 'float64'
    case 'duration':
    case 'bigint':
      return 'int64'
    default:
      return 'int'
  }
}

function allowedFor(node: SchemaNode): string {
  switch (node.kind) {
    case 'text':
      return 'a text'
    case 'bool':
      return 'true, false'
    case 'duration':
      return 'seconds, or a duration such as 1m30s or 100ms'
    case 'float':
      return 'a number'
    default:
      return 'an integer'
  }
}
