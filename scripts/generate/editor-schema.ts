/** JSON Schema for editors, from our schemas: standard keywords only, and what files may hold instead of what is decoded. */
import type { SchemaNode } from '../../src/config/schema/inspect.ts'
import { isSettableInFiles, notes } from './text.ts'

type JsonSchema = Record<string, unknown>

/** Prints the editor schema of a whole configuration. */
export function editorSchema(root: SchemaNode, title: string): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    ...convert(root),
    // Unknown names at the top are ignored, and used for anchors.
    additionalProperties: true,
  }
  return `${JSON.stringify(schema, null, 1)}\n`
}

function convert(node: SchemaNode): JsonSchema {
  return { ...shape(node), ...described(node) }
}

function described(node: SchemaNode): JsonSchema {
  const description = [node.description ?? '', ...notes(node)].filter((part) => part !== '').join(' ')
  const hasDefault =
    node.default !== undefined && node.default !== '' && node.kind !== 'bigint' && node.kind !== 'duration' && node.kind !== 'map'
  return {
    ...(description === '' ? {} : { description }),
    ...(hasDefault && !(Array.isArray(node.default) && node.default.length === 0) ? { default: node.default } : {}),
    ...(node.deprecated === undefined ? {} : { deprecated: true }),
  }
}

function shape(node: SchemaNode): JsonSchema {
  switch (node.kind) {
    case 'text':
      // Numbers and booleans are fine as texts.
      return node.values === undefined ? { type: ['string', 'number', 'boolean'] } : { anyOf: [{ enum: node.values }, { type: 'string' }] }
    case 'bool':
      return { type: ['boolean', 'string'] }
    case 'int':
    case 'bigint':
      return { type: ['integer', 'string'], ...(node.minimum === undefined ? {} : { minimum: node.minimum }), pattern: '^[+-]?[0-9]+$' }
    case 'float':
      return { type: ['number', 'string'] }
    case 'duration':
      return { type: ['integer', 'string'], pattern: '^[+-]?([0-9]+|([0-9.]+(ns|us|µs|ms|s|m|h))+)$' }
    case 'list':
      return node.items?.kind === 'object'
        ? { type: 'array', items: convert(node.items) }
        : { type: ['array', 'string'], items: node.items === undefined ? {} : shape(node.items) }
    case 'map':
      return { type: 'object', additionalProperties: node.item === undefined ? true : convert(node.item) }
    case 'object':
      return objectShape(node)
    default:
      return {}
  }
}

function objectShape(node: SchemaNode): JsonSchema {
  const properties: JsonSchema = {}
  for (const [name, child] of Object.entries(node.properties ?? {})) if (isSettableInFiles(child)) properties[name] = convert(child)
  return {
    type: node.allowEmpty === true ? ['object', 'boolean'] : 'object',
    properties,
    additionalProperties: false,
  }
}
