/** The values that options have before anything is configured. */
import type { SchemaNode } from './inspect.ts'
import { createRecord } from './raw.ts'

/**
 * Makes the value that an option has once its parent exists. `plain` leaves the defaults out, as Go's JSON decoder does for what is put
 * through the REST provider: only options that Traefik holds by reference keep theirs, since it applies those when it uses them.
 */
export function makeDefault(node: SchemaNode, plain = false): unknown {
  switch (node.kind) {
    case 'object':
      return makeObjectDefault(node, plain)
    case 'map':
      return createRecord()
    case 'list':
      return Array.isArray(node.default) && !plain ? [...(node.default as unknown[])] : []
    case 'any':
      return undefined
    default:
      return plain && node.pointer !== true ? zeroOf(node) : node.default
  }
}

function makeObjectDefault(node: SchemaNode, plain: boolean): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  const properties = node.properties ?? {}
  for (const name of node.required ?? []) {
    const child = properties[name]
    // An object held by reference is absent in plain JSON, and Traefik then uses its defaults.
    if (child !== undefined) value[name] = makeDefault(child, plain && child.kind !== 'object')
  }
  return value
}

function zeroOf(node: SchemaNode): unknown {
  switch (node.kind) {
    case 'text':
      return ''
    case 'bool':
      return false
    case 'bigint':
      return 0n
    default:
      return 0
  }
}
