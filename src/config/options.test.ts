import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { formatGoDuration, parseGoDuration } from '../std/duration.ts'
import { installConfiguration } from './install/install.ts'
import { routingConfiguration } from './routing/routing.ts'
import { nodeOf } from './schema/inspect.ts'
import type { SchemaNode } from './schema/inspect.ts'

interface Row {
  readonly path: string
  readonly type: string
  readonly byDefault: string
}

const kindOfType: Readonly<Record<string, string>> = {
  'string': 'text',
  'bool': 'bool',
  'int': 'int',
  'int32': 'int',
  'int64': 'int',
  'uint32': 'int',
  'float64': 'float',
  'duration': 'duration',
  '[]string': 'list',
  '[]float64': 'list',
  '[]object': 'list',
  'http.Header': 'map',
  'object': 'object',
}

describe('every option of Traefik is known, with its default', () => {
  for (const [name, schema] of [
    ['install', nodeOf(installConfiguration)],
    ['routing', nodeOf(routingConfiguration)],
  ] as const) {
    const rows = readRows(name)
    assert.ok(rows.length > 500)
    test(`${rows.length} ${name} options`, () => {
      for (const row of rows) checkRow(schema, row)
    })
    test(`${name} options that Traefik does not have are marked as such`, () => {
      const known = new Set(rows.map((row) => row.path))
      // What stands below an extension is one.
      const own: string[] = []
      for (const { path, node } of walk(schema, '')) {
        const isOwn = node.extension === true || node.hidden === true || own.some((above) => path.startsWith(above))
        if (isOwn) own.push(`${path}.`, `${path}[`)
        assert.equal(known.has(path), !isOwn, path)
      }
    })
  }
})

test('every option has a text, and no two options of an object differ in case only', () => {
  for (const schema of [nodeOf(installConfiguration), nodeOf(routingConfiguration)]) {
    for (const { path, node } of walk(schema, '')) {
      assert.match(node.description ?? '', /^\S.*\.$/, path)
      const names = Object.keys(node.properties ?? {}).map((name) => name.toLowerCase())
      assert.equal(new Set(names).size, names.length, path)
    }
  }
})

function readRows(name: string): Row[] {
  const text = readFileSync(new URL(`../../test/fixtures/config/${name}-options.tsv`, import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [path = '', type = '', byDefault = ''] = line.split('\t')
      return { path, type, byDefault }
    })
}

function checkRow(root: SchemaNode, { path, type, byDefault }: Row): void {
  const found = find(root, path)
  assert.ok(found !== undefined, path)
  const { node, isOptional } = found
  const plainType = type.replace(/ \[[^\]]*\]$/, '')
  const objectType = /^object(?:\((.*)\))?$/.exec(plainType)
  const expected = plainType.startsWith('map[') ? 'map' : objectType === null ? kindOfType[plainType] : 'object'
  // Priorities need all 64 bits.
  assert.equal(node.kind === 'bigint' ? 'int' : node.kind, expected, path)
  if (objectType !== null) assert.equal(node.allowEmpty === true, objectType[1]?.includes('allowEmpty') === true, path)
  // A middleware has one kind, so the map of plugins is absent where another kind is chosen.
  assert.equal(isOptional, byDefault === 'unset' || path === 'http.middlewares.<name>.plugin', path)
  if (node.kind !== 'object' && node.kind !== 'map' && byDefault !== 'unset')
    assert.equal(printDefault(node), normalDefault(node, byDefault), path)
  const only = / \[([a-z,]+?)(?:-only)?\]$/.exec(type)?.[1]
  if (only !== undefined && only !== 'internal') assert.deepEqual(node.only, only.split(','), path)
}

function find(root: SchemaNode, path: string): { node: SchemaNode; isOptional: boolean } | undefined {
  let node = root
  let isOptional = false
  for (const name of path.replaceAll('[n]', '.[n]').split('.')) {
    isOptional = node.kind === 'object' && node.required?.includes(name) !== true
    const next: SchemaNode | undefined = name === '<name>' ? node.item : name === '[n]' ? node.items : node.properties?.[name]
    if (next === undefined) return undefined
    node = next
  }
  return { node, isOptional }
}

function* walk(node: SchemaNode, path: string): Generator<{ path: string; node: SchemaNode }> {
  if (node.item !== undefined && node.item.kind === 'object') yield* walk(node.item, `${path}.<name>`)
  if (node.items?.kind === 'object') yield* walk(node.items, `${path}[n]`)
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const below = path === '' ? name : `${path}.${name}`
    yield { path: below, node: child }
    yield* walk(child, below)
  }
}

function printDefault(node: SchemaNode): string {
  if (Array.isArray(node.default)) return node.default.length === 0 ? '-' : node.default.join(',')
  if (node.kind === 'duration') return formatGoDuration(Number(node.default))
  return node.default === '' ? '-' : String(node.default)
}

function normalDefault(node: SchemaNode, text: string): string {
  if (text === '-') return '-'
  if (node.kind === 'duration') return formatGoDuration(parseGoDuration(text) ?? Number.NaN)
  if (node.kind === 'float') return String(Number(text))
  if (node.items?.kind === 'float') return text.split(',').map(Number).join(',')
  return node.kind === 'list' ? text.split(/, ?/).join(',') : text
}
