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
  if (node.built === false && path !== '') {
    if (isGiven(node, value)) found.push(path)
    return
  }
  for (const member of membersOf(node, value)) {
    const below = path === '' || member.key.startsWith('[') ? `${path}${member.key}` : `${path}.${member.key}`
    // An optional option is only there because it was configured, even when it holds nothing but defaults.
    if (member.node.built === false && member.isOptional) found.push(below)
    else collect(member.node, member.value, below, found)
  }
}

interface Member {
  readonly key: string
  readonly node: SchemaNode
  readonly value: unknown
  readonly isOptional: boolean
}

function* membersOf(node: SchemaNode, value: unknown): Generator<Member> {
  if (node.kind === 'list' && node.items !== undefined && Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield { key: `[${index}]`, node: node.items, value: item, isOptional: false }
  }
  if (!isRecord(value)) return
  for (const [key, member] of Object.entries(value)) {
    const schema = node.kind === 'map' ? node.item : node.properties?.[key]
    if (schema === undefined || member === undefined) continue
    yield { key, node: schema, value: member, isOptional: node.kind === 'object' && node.required?.includes(key) !== true }
  }
}

/** Says whether a value differs from what the schema gives by itself. */
function isGiven(node: SchemaNode, value: unknown): boolean {
  if (node.kind === 'list') return Array.isArray(value) && JSON.stringify(value) !== JSON.stringify(node.default ?? [])
  if (node.kind === 'map') return isRecord(value) && Object.keys(value).length > 0
  if (node.kind !== 'object') return value !== undefined && value !== node.default
  for (const member of membersOf(node, value)) if (member.isOptional || isGiven(member.node, member.value)) return true
  return false
}
