/**
 * The decoder: a raw tree and a schema give a typed value and a list of problems. It follows the rules of Traefik's decoder: names match
 * in any letter case, file values may be texts, an object without `allowEmpty` needs a child, null counts as absent.
 *
 * A schema is compiled once into closures, so that ten thousand routers cost ten thousand small calls and no walks of the schema.
 */
import { Decoding } from './decoding.ts'
import type { DecodeOptions } from './decoding.ts'
import { makeDefault } from './defaults.ts'
import { isRecord, nodeOf } from './inspect.ts'
import type { SchemaNode } from './inspect.ts'
import type { Static, TSchema } from './kit.ts'
import type { ConfigProblem } from './problem.ts'
import { Branch, UnsupportedValue, createRecord, describeRaw, scalarText } from './raw.ts'
import type { RawRecord } from './raw.ts'
import { readScalar } from './read-scalar.ts'
import { splitList } from './scalar.ts'

/** What decoding gave; the value has defaults where something was wrong. */
export interface Decoded<T> {
  readonly value: T
  readonly problems: ConfigProblem[]
}

/** Reads a raw value; undefined leaves the option as if it were not given. */
type Read = (raw: unknown, decoding: Decoding) => unknown

interface Field {
  readonly name: string
  readonly node: SchemaNode
  readonly read: Read
  readonly isOptional: boolean
}

interface ObjectPlan {
  readonly node: SchemaNode
  readonly fields: readonly Field[]
  /** Index of a field by name, as spelled and in lower case. */
  readonly places: Map<string, number>
  /** The same with the names that labels use. */
  readonly labelPlaces: Map<string, number>
}

const reads = new WeakMap<SchemaNode, Read>()

/** Decodes a raw tree by the schema of an object, collecting all problems. An absent tree gives the defaults. */
export function decodeTree<S extends TSchema>(schema: S, tree: unknown, options: DecodeOptions): Decoded<Static<S>> {
  const decoding = new Decoding(options)
  const node = nodeOf(schema)
  const plan = planObject(node)
  const value = isRecordLike(tree) && Object.keys(tree).length > 0 ? readMembers(plan, tree, decoding) : undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is built from the schema has the schema's type; the tests hold both together.
  return { value: (value ?? makeDefault(node, decoding.plain)) as Static<S>, problems: decoding.finish() }
}

function readerOf(node: SchemaNode): Read {
  const known = reads.get(node)
  if (known !== undefined) return known
  const read = compile(node)
  reads.set(node, read)
  return read
}

function compile(node: SchemaNode): Read {
  switch (node.kind) {
    case 'object': {
      const plan = planObject(node)
      return (raw, decoding) => readObject(plan, raw, decoding)
    }
    case 'map':
      return compileMap(node)
    case 'list':
      return node.items?.kind === 'object' ? compileObjectList(node, node.items) : compileScalarList(node)
    case 'any':
      return (raw) => plainCopy(raw)
    default:
      return (raw, decoding) => readScalar(node, raw, decoding)
  }
}

function planObject(node: SchemaNode): ObjectPlan {
  const fields: Field[] = []
  const places = new Map<string, number>()
  const labelPlaces = new Map<string, number>()
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const index = fields.length
    fields.push({ name, node: child, read: readerOf(child), isOptional: node.required?.includes(name) !== true })
    if (child.hidden === true) continue
    for (const spelling of [name, name.toLowerCase()]) {
      places.set(spelling, index)
      if (child.labelAs === undefined) labelPlaces.set(spelling, index)
    }
    if (child.labelAs !== undefined) labelPlaces.set(child.labelAs, index)
  }
  return { node, fields, places, labelPlaces }
}

/** Reads an option that is an object: it may stand alone only where the schema allows it. */
function readObject(plan: ObjectPlan, raw: unknown, decoding: Decoding): unknown {
  if (raw instanceof Branch || isRecordLike(raw)) return readMembers(plan, raw, decoding)
  const text = scalarText(raw)
  if (text === undefined || decoding.plain) {
    decoding.fail(wrongType(plan.node, raw, decoding), raw, 'an object')
    return undefined
  }
  if (plan.node.allowEmpty !== true) {
    decoding.fail(standalone(plan.node, decoding), raw, 'an object with at least one option')
    return undefined
  }
  if (!isOn(text)) return undefined
  decoding.given()
  return makeDefault(plan.node)
}

/** Reads an entry of a map or list: it may be empty, and anything but an object is wrong. */
function readEntry(plan: ObjectPlan, raw: unknown, decoding: Decoding): unknown {
  if (raw instanceof Branch || isRecordLike(raw)) return readMembers(plan, raw, decoding, true)
  const text = decoding.source === 'file' || decoding.plain ? undefined : scalarText(raw)
  if (text !== undefined && isOn(text)) {
    decoding.given()
    return makeDefault(plan.node)
  }
  decoding.fail(wrongType(plan.node, raw, decoding), raw, 'an object')
  return undefined
}

function readMembers(plan: ObjectPlan, raw: Branch | RawRecord, decoding: Decoding, mayBeEmpty = false): unknown {
  if (raw instanceof Branch && plan.node.allowEmpty === true && !isOn(raw.value)) return undefined
  const members = raw instanceof Branch ? raw.members : raw
  const values = collectMembers(plan, members, decoding)
  if (values === undefined) {
    if (mayBeEmpty || plan.node.allowEmpty === true || decoding.plain) {
      decoding.given()
      return makeDefault(plan.node, decoding.plain)
    }
    if (decoding.depth > 0) decoding.fail(standalone(plan.node, decoding), raw, 'an object with at least one option')
    return undefined
  }
  const result: Record<string, unknown> = {}
  for (let index = 0; index < plan.fields.length; index += 1) {
    const field = plan.fields[index]
    if (field === undefined) continue
    const value = values[index]
    if (value !== undefined) result[field.name] = value
    else if (!field.isOptional) result[field.name] = makeDefault(field.node, decoding.plain && field.node.kind !== 'object')
  }
  return result
}

/** Reads the members into an array by field; undefined when there is none that counts. */
function collectMembers(plan: ObjectPlan, members: RawRecord, decoding: Decoding): unknown[] | undefined {
  const places = decoding.source === 'label' ? plan.labelPlaces : plan.places
  let values: unknown[] | undefined
  for (const key in members) {
    const raw = members[key]
    if (raw === null || raw === undefined) continue
    values ??= Array.from({ length: plan.fields.length })
    const index = places.get(key) ?? places.get(key.toLowerCase())
    const field = index === undefined ? undefined : plan.fields[index]
    if (index === undefined || field === undefined) {
      if (!decoding.plain && !isIgnored(plan.node, key)) decoding.unknown(key, visibleNames(plan))
      continue
    }
    if (!isSettable(field.node, decoding)) continue
    decoding.enter(field.name, key)
    if (field.node.deprecated !== undefined) decoding.warnDeprecated(field.node.deprecated)
    const value = field.read(raw, decoding)
    // Two spellings of one name: the one that sorts last wins, as Traefik fills them in that order.
    if (value !== undefined) values[index] = value
    decoding.leave()
  }
  return values
}

function isIgnored(node: SchemaNode, key: string): boolean {
  return node.ignored?.some((name) => name.toLowerCase() === key.toLowerCase()) === true
}

function visibleNames(plan: ObjectPlan): string[] {
  return plan.fields.filter((field) => field.node.hidden !== true && field.node.internal !== true).map((field) => field.name)
}

function isSettable(node: SchemaNode, decoding: Decoding): boolean {
  if (node.internal === true) return decoding.plain
  if (node.noLabel === true && decoding.source === 'label') return false
  return node.only === undefined || node.only.includes(decoding.source)
}

function compileMap(node: SchemaNode): Read {
  const item = node.item
  if (item === undefined) throw new Error('a map needs a schema for its values')
  const entryPlan = item.kind === 'object' ? planObject(item) : undefined
  const read = entryPlan === undefined ? readerOf(item) : (raw: unknown, decoding: Decoding) => readEntry(entryPlan, raw, decoding)
  return (raw, decoding) => {
    const members = raw instanceof Branch ? raw.members : raw
    if (!isRecordLike(members)) {
      const message = scalarText(raw) === undefined || decoding.plain ? wrongType(node, raw, decoding) : standalone(node, decoding)
      decoding.fail(message, raw, 'an object')
      return undefined
    }
    const result = createRecord<unknown>()
    let count = 0
    for (const key in members) {
      const value = members[key]
      if (value === null || value === undefined) continue
      count += 1
      decoding.enter(key, key)
      const decoded = read(value, decoding)
      if (decoded !== undefined) result[key] = decoded
      decoding.leave()
    }
    if (count === 0 && !decoding.plain) decoding.fail(standalone(node, decoding), raw, 'an object with at least one entry')
    return result
  }
}

function compileObjectList(node: SchemaNode, item: SchemaNode): Read {
  const plan = planObject(item)
  return (raw, decoding) => {
    const items = node.labelAs !== undefined && decoding.source === 'label' ? [raw] : listItems(raw, decoding)
    if (items === undefined) {
      decoding.fail(wrongType(node, raw, decoding), raw, 'a list of objects')
      return undefined
    }
    const result: unknown[] = []
    for (const [index, value] of items.entries()) {
      if (value === null || value === undefined) continue
      decoding.enter('', index)
      const decoded = readEntry(plan, value, decoding)
      if (decoded !== undefined) result.push(decoded)
      decoding.leave()
    }
    return result
  }
}

function compileScalarList(node: SchemaNode): Read {
  const item = node.items
  if (item === undefined) throw new Error('a list needs a schema for its items')
  return (raw, decoding) => {
    decoding.given()
    const text = decoding.plain ? undefined : scalarText(raw)
    const items = text === undefined ? listItems(raw, decoding) : splitList(text)
    if (items === undefined) {
      decoding.fail(wrongType(node, raw, decoding), raw, 'a list')
      return undefined
    }
    const result: unknown[] = []
    for (const [index, value] of items.entries()) {
      if (value === null || value === undefined) continue
      decoding.enter('', index)
      const decoded = readScalar(item, value, decoding)
      if (decoded !== undefined) result.push(decoded)
      decoding.leave()
    }
    return result
  }
}

/** The items of a list: from a list, or from members named by index, in the order in which their names sort. */
function listItems(raw: unknown, decoding: Decoding): unknown[] | undefined {
  if (Array.isArray(raw)) return raw
  const members = raw instanceof Branch ? raw.members : raw
  if (decoding.source === 'file' || decoding.plain || !isRecordLike(members)) return undefined
  const names = Object.keys(members)
  if (!names.every((name) => /^(?:\[\d+\]|\d+)$/.test(name))) return undefined
  return names.toSorted().map((name) => members[name])
}

function isRecordLike(raw: unknown): raw is RawRecord {
  return isRecord(raw) && !(raw instanceof Branch) && !(raw instanceof UnsupportedValue)
}

function isOn(text: string): boolean {
  return text === '' || text.toLowerCase() === 'true'
}

function standalone(node: SchemaNode, decoding: Decoding): string {
  const type = node.goType ?? (node.kind === 'map' ? mapType(node) : undefined)
  return `${decoding.key} cannot be a standalone element${type === undefined ? '' : ` (type ${type})`}`
}

function mapType(node: SchemaNode): string | undefined {
  if (node.item?.kind === 'text') return 'map[string]string'
  return node.item?.kind === 'int' ? 'map[string]int' : undefined
}

function wrongType(node: SchemaNode, raw: unknown, decoding: Decoding): string {
  if (raw instanceof UnsupportedValue) return `${decoding.key}: unsupported type ${raw.type}`
  const expected = node.kind === 'list' ? 'list' : 'object'
  return `invalid node ${decoding.key}: expected ${expected === 'object' ? 'an object' : 'a list'}, found ${describeRaw(raw)}`
}

/** Copies a value of free form, such as a plugin's options, with texts for what has no JSON form. */
function plainCopy(raw: unknown): unknown {
  if (Array.isArray(raw)) return raw.map(plainCopy)
  if (raw instanceof Branch) return plainCopy(raw.members)
  if (raw instanceof UnsupportedValue) return raw.text
  if (!isRecord(raw)) return raw
  const copy = createRecord<unknown>()
  for (const key of Object.keys(raw)) copy[key] = plainCopy(raw[key])
  return copy
}
