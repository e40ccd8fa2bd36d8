import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeTree } from './decode.ts'
import { redact, secretMask, stringifyJson, toApi, toPrintable } from './encode.ts'
import {
  anyValue,
  bigInt,
  bool,
  defineMiddlewareOptions,
  duration,
  int,
  kinds,
  mapOf,
  object,
  objectList,
  optional,
  text,
  textList,
  textMap,
} from './kit.ts'
import { editDistance, nearestName } from './nearest.ts'
import { formatProblem } from './problem.ts'
import { findUnbuilt } from './unbuilt.ts'

const schema = object('Everything.', {
  name: text('A name.'),
  flag: bool('A switch.', { default: true }),
  shown: bool('Always shown.', { default: true, pointer: true }),
  count: int('A count.'),
  maybe: optional(int('Perhaps a count.')),
  big: bigInt('A big number.'),
  wait: duration('A wait.', { default: '90s' }),
  list: textList('A list.'),
  password: text('A password.', { secret: true }),
  users: textList('Users.', { secret: true }),
  texts: textMap('Texts.'),
  inner: optional(object('Inside.', { key: text('A key.', { secret: true }) }, { allowEmpty: true })),
  always: object('Always there.', { x: int('X.') }),
  items: objectList('Items.', { key: text('A key.', { secret: true }), port: text('A port.', { only: ['label'] }) }),
  own: int('Of our own.', { default: 7, extension: true }),
  code: bool('Set by code.', { hidden: true }),
  plugin: optional(mapOf('Plugins.', anyValue(''))),
})

function decode(tree: unknown) {
  return decodeTree(schema, tree, { source: 'file' }).value
}

test('the API leaves out what is empty, and shows what is held by reference', () => {
  assert.deepEqual(toApi(schema, decode({ flag: false, maybe: 0, inner: {}, items: [{}] })), {
    shown: true,
    maybe: 0,
    wait: '1m30s',
    inner: {},
    always: {},
    items: [{}],
  })
})

test('the API shows options of ours only when they are set', () => {
  assert.equal((toApi(schema, decode({ own: 8 })) as Record<string, unknown>)['own'], 8)
})

test('the API shows secrets, printing masks them', () => {
  const value = decode({ password: 'p', users: ['a:b'], inner: { key: 'k' }, items: [{ key: 'k' }], plugin: { p: { deep: [1] } } })
  const shown = toApi(schema, value) as Record<string, unknown>
  assert.equal(shown['password'], 'p')
  assert.deepEqual(shown['plugin'], Object.assign(Object.create(null), { p: Object.assign(Object.create(null), { deep: [1] }) }))
  const printed = toPrintable(schema, value) as Record<string, unknown>
  assert.equal(printed['password'], secretMask)
  assert.deepEqual(printed['users'], [secretMask])
  assert.deepEqual(printed['inner'], { key: secretMask })
  assert.deepEqual(printed['items'], [{ key: secretMask }])
  assert.equal(printed['name'], '')
  assert.equal(printed['own'], 7)
  assert.equal('code' in printed, false)
})

test('what is printed decodes to the same', () => {
  const value = decode({ flag: false, big: 9223372036854775807n, wait: '1.5s', inner: {}, texts: { a: 'b' }, always: { x: 3 } })
  const again: Record<string, unknown> = { ...(toPrintable(schema, value) as Record<string, unknown>) }
  assert.deepEqual(decode(again), value)
})

test('redacting copies, and leaves empty secrets empty', () => {
  const value = decode({ users: ['a:b'], inner: { key: 'k' }, items: [{ key: 'k' }, {}] })
  const masked = redact(schema, value) as typeof value
  assert.deepEqual(masked.users, [secretMask])
  assert.equal(masked.password, '')
  assert.deepEqual(masked.inner, { key: secretMask })
  assert.deepEqual(
    masked.items.map((item) => item.key),
    [secretMask, ''],
  )
  assert.equal(value.inner?.key, 'k')
})

test('bigints are printed as exact integers', () => {
  assert.equal(stringifyJson({ priority: 9223372036854775807n }), '{"priority":9223372036854775807}')
})

describe('kinds', () => {
  const one = defineMiddlewareOptions({
    key: 'one',
    options: object('One.', { a: text('A.') }),
    check: (options) => (options.a === '' ? 'a is empty' : undefined),
  })
  const two = defineMiddlewareOptions({ key: 'two', built: false, options: object('Two.', { b: int('B.') }) })
  const thing = object('A thing.', { things: mapOf('Things.', object('', kinds([one, two]))) })
  test('a thing has the kinds that were given, with their types', () => {
    const { value } = decodeTree(thing, { things: { x: { one: { a: 'y' } }, z: { TWO: { b: 1 } } } }, { source: 'file' })
    const made = value.things['x']?.one
    assert.ok(made !== undefined)
    assert.equal(one.check?.(made), undefined)
    assert.equal(one.check?.({ a: '' }), 'a is empty')
    assert.equal(value.things['z']?.two?.b, 1)
    assert.deepEqual(Object.keys(value.things['x'] ?? {}), ['one'])
    assert.deepEqual(findUnbuilt(thing, value), ['things.z.two: not supported yet'])
  })
  test('marking a kind as not built leaves its own schema alone', () => assert.equal('built' in two.options, false))
})

test('options that are not built are found wherever they differ from the default', () => {
  const tree = object('All.', {
    a: int('A.', { built: false, default: 3 }),
    b: object('B.', { c: bool('C.'), d: optional(text('D.')) }, { built: false }),
    e: textList('E.', { built: false }),
    f: objectList('F.', { g: optional(text('G.', { built: false })) }),
  })
  const find = (raw: unknown) => findUnbuilt(tree, decodeTree(tree, raw, { source: 'file' }).value)
  assert.deepEqual(find({ a: 3, b: { c: false }, f: [{}] }), [])
  assert.deepEqual(
    find({ a: 4, b: { c: true }, e: ['x'], f: [{}, { g: '' }] }),
    ['a', 'b', 'e', 'f[1].g'].map((path) => `${path}: not supported yet`),
  )
  assert.deepEqual(find({ b: { d: '' } }), ['b: not supported yet'])
})

describe('nearest names', () => {
  const names = ['middlewares', 'entryPoints', 'rule', 'tls']
  const cases: readonly (readonly [name: string, nearest: string | undefined])[] = [
    ['middleware', 'middlewares'],
    ['entrypoint', 'entryPoints'],
    ['rlue', 'rule'],
    ['RULES', 'rule'],
    ['tsl', 'tls'],
    ['x', undefined],
    ['something', undefined],
    ['m'.repeat(100_000), undefined],
  ]
  for (const [name, nearest] of cases)
    test(`${name.slice(0, 20)} is near ${nearest}`, () => assert.equal(nearestName(name, names), nearest))
  test('distances', () => {
    assert.equal(editDistance('kitten', 'sitting', 9), 3)
    assert.equal(editDistance('ab', 'ba', 9), 1)
    assert.equal(editDistance('', 'abc', 9), 3)
    assert.equal(editDistance('abc', 'xyz', 2), 2)
  })
})

test('problems are printed on one line', () => {
  assert.equal(
    formatProblem({
      severity: 'error',
      file: 'a.yml',
      line: 1,
      column: 2,
      path: 'x.y',
      message: 'bad',
      found: '"z"',
      allowed: 'a, b',
      nearest: 'a',
    }),
    'a.yml:1:2: x.y: bad (found "z"; allowed: a, b; did you mean "a"?)',
  )
  assert.equal(formatProblem({ severity: 'error', path: '', message: 'bad' }), 'bad')
  assert.equal(formatProblem({ severity: 'error', file: 'a.yml', line: 3, path: '', message: 'bad' }), 'a.yml:3: bad')
})
