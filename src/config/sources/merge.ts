/** Merging of raw trees from several sources, for `--mergeSources`: the later source wins, option by option. */
import { isRecord } from '../schema/inspect.ts'
import type { SchemaNode } from '../schema/inspect.ts'
import { Branch, UnsupportedValue, createRecord, scalarText } from '../schema/raw.ts'
import type { RawRecord } from '../schema/raw.ts'

/** Merges two raw trees of one schema; `over` wins. Names are brought to the schema's spelling, lists are replaced whole. */
export function mergeTrees(node: SchemaNode | undefined, base: unknown, over: unknown): unknown {
  if (over === undefined || over === null) return base
  if (node === undefined || base === undefined || base === null) return over
  if (node.kind !== 'object' && node.kind !== 'map') return over
  const baseMembers = membersOf(base)
  const overMembers = membersOf(over)
  // A text such as `true` switches the object on and keeps what is in it; `false` switches it off.
  if (overMembers === undefined)
    return scalarText(over) === undefined || baseMembers === undefined ? over : new Branch(scalarText(over) ?? '', baseMembers)
  if (baseMembers === undefined) return over
  const merged = mergeMembers(node, baseMembers, overMembers)
  const value = over instanceof Branch ? over.value : base instanceof Branch ? base.value : undefined
  return value === undefined ? merged : new Branch(value, merged)
}

function mergeMembers(node: SchemaNode, base: RawRecord, over: RawRecord): RawRecord {
  const merged: RawRecord = createRecord()
  const names = new Map<string, string>()
  for (const [key, value] of Object.entries(base)) {
    const name = spelling(node, names, key)
    merged[name] = mergeTrees(childOf(node, name), merged[name], value)
  }
  for (const [key, value] of Object.entries(over)) {
    const name = spelling(node, names, key)
    merged[name] = mergeTrees(childOf(node, name), merged[name], value)
  }
  return merged
}

/** The schema's spelling of an option, or the first spelling of a free name: variables only have lower-case ones. */
function spelling(node: SchemaNode, names: Map<string, string>, key: string): string {
  const lower = key.toLowerCase()
  const known = names.get(lower)
  if (known !== undefined) return known
  const name = node.kind === 'object' ? (Object.keys(node.properties ?? {}).find((option) => option.toLowerCase() === lower) ?? key) : key
  names.set(lower, name)
  return name
}

function childOf(node: SchemaNode, name: string): SchemaNode | undefined {
  if (node.kind === 'map') return node.item
  const properties = node.properties ?? {}
  return Object.hasOwn(properties, name) ? properties[name] : undefined
}

function membersOf(raw: unknown): RawRecord | undefined {
  if (raw instanceof Branch) return raw.members
  return isRecord(raw) && !(raw instanceof UnsupportedValue) ? raw : undefined
}
