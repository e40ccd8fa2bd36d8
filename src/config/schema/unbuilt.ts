/** Which of the configured options are known but have no effect yet. */
import { isRecord, nodeOf } from './inspect.ts'
import type { SchemaNode } from './inspect.ts'
import type { TSchema } from './kit.ts'

/** Lists the options with `built: false` that differ from their defaults, each as `providers.nomad: not supported yet`. */
export function findUnbuilt(schema: TSchema, value: unknown): string[] {
  const found: string[] = []
  collect(nodeOf(schema), value, '', found)
  return found.map((path) => `${path}: not supported yet`)
}

function collect(node: SchemaNode, value: unknown, path: string, found: string[]): void {
  if (value === undefined) return
  if (node.built === false && path !== '') {
    if (isGiven(node, value)) found.push(path)
    return
  }
  if (node.kind === 'list' && node.items !== undefined && Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(node.items, item, `${path}[${index}]`, found)
    return
  }
  if (!isRecord(value)) return
  for (const [key, child] of Object.entries(value)) {
    const schema = node.kind === 'map' ? node.item : node.properties?.[key]
    if (schema !== undefined) collectMember(node, schema, key, child, path === '' ? key : `${path}.${key}`, found)
  }
}

function collectMember(parent: SchemaNode, node: SchemaNode, key: string, value: unknown, path: string, found: string[]): void {
  // An optional option is only there because it was configured, even when it holds nothing but defaults.
  const configured = parent.kind === 'object' && parent.required?.includes(key) !== true
  if (node.built === false && configured && value !== undefined) found.push(path)
  else collect(node, value, path, found)
}

/** Says whether a value differs from what the schema gives by itself. */
function isGiven(node: SchemaNode, value: unknown): boolean {
  if (node.kind === 'list') return Array.isArray(value) && JSON.stringify(value) !== JSON.stringify(node.default ?? [])
  if (node.kind === 'map') return isRecord(value) && Object.keys(value).length > 0
  if (node.kind !== 'object' || !isRecord(value)) return value !== node.default
  return Object.entries(value).some(([key, child]) => {
    const schema = node.properties?.[key]
    if (schema === undefined || child === undefined) return false
    return node.required?.includes(key) === true ? isGiven(schema, child) : true
  })
}
