import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeTree } from './decode.ts'
import { problemsMax } from './decoding.ts'
import { bigInt, bool, duration, float, int, mapOf, object, objectList, optional, text, textList, textMap } from './kit.ts'
import type { TreeSource } from './kit.ts'
import { Branch, UnsupportedValue } from './raw.ts'

const inner = object(
  'An object.',
  { name: text('A name.', { default: 'n' }), size: int('A size.') },
  { allowEmpty: true, ignored: ['late'] },
)
const schema = object('Everything.', {
  text: text('A text.'),
  flag: bool('A switch.', { default: true }),
  count: int('A count.', { minimum: 0, bits: 32 }),
  big: bigInt('A big number.'),
  share: float('A share.', { default: 1 }),
  wait: duration('A wait.', { default: '5s' }),
  list: textList('A list.', { default: ['x'] }),
  objects: objectList('Objects.', { url: text('A URL.'), weight: optional(int('A weight.')) }, { labelAs: 'object' }),
  texts: textMap('Texts.'),
  map: mapOf('Objects by name.', inner),
  inner: optional(inner),
  strict: optional(object('Needs a child.', { a: text('A.') })),
  always: object('Always there.', { b: bool('B.') }),
  internal: optional(text('Internal.', { internal: true })),
  kvOnly: text('Only from stores.', { only: ['kv'] }),
  noLabel: text('Not by labels.', { noLabel: true }),
  own: bool('Set by code.', { hidden: true }),
  old: optional(text('Old.', { deprecated: 'use text' })),
})

function decode(tree: unknown, source: TreeSource = 'file') {
  const { value, problems } = decodeTree(schema, tree, { source })
  return {
    value,
    errors: problems.filter((problem) => problem.severity === 'error').map((problem) => `${problem.path}: ${problem.message}`),
    problems,
  }
}

test('nothing gives the defaults', () => {
  for (const tree of [undefined, null, {}]) {
    const { value, errors } = decode(tree)
    assert.deepEqual(errors, [])
    assert.equal(value.flag, true)
    assert.equal(value.wait, 5000)
    assert.deepEqual(value.list, ['x'])
    assert.deepEqual(value.always, { b: false })
    assert.equal('inner' in value, false)
    assert.equal(Object.getPrototypeOf(value.map), null)
  }
})

test('a list of defaults is not shared between two decodings', () => {
  decode({ text: 'a' }).value.list.push('y')
  assert.deepEqual(decode({ text: 'a' }).value.list, ['x'])
})

describe('good values', () => {
  const cases: readonly (readonly [name: string, tree: Record<string, unknown>, expected: Record<string, unknown>])[] = [
    ['names match in any letter case', { TEXT: 'a', kvonly: 'dropped' }, { text: 'a', kvOnly: '' }],
    ['null is absent', { text: null, inner: null }, { text: '', inner: undefined }],
    ['numbers and booleans are fine as texts', { text: 5, list: [true, 2, 1.5] }, { text: '5', list: ['true', '2', '1.500000'] }],
    ['a fraction without a rest has no digits', { text: 2.0 }, { text: '2' }],
    ['texts are fine as numbers and booleans', { count: '7', flag: 'F', share: '.5' }, { count: 7, flag: false, share: 0.5 }],
    ['all spellings of a boolean', { flag: 0 }, { flag: false }],
    ['64 bits are exact', { big: 9223372036854775807n }, { big: 9223372036854775807n }],
    ['64 bits as a text are exact', { big: '-9223372036854775808' }, { big: -9223372036854775808n }],
    ['durations are seconds or Go texts', { wait: '1500ms' }, { wait: 1500 }],
    ['integers are seconds', { wait: 90 }, { wait: 90_000 }],
    ['a list may be a text with commas', { list: 'a, b' }, { list: ['a', 'b'] }],
    ['an item of a list keeps its commas', { list: ['a, b'] }, { list: ['a, b'] }],
    ['an empty list stays empty', { list: [], objects: [] }, { list: [], objects: [] }],
    ['a map entry may be empty', { map: { a: {} } }, { map: { a: { name: 'n', size: 0 } } }],
    ['objects that allow it may be empty', { inner: {} }, { inner: { name: 'n', size: 0 } }],
    ['or true', { inner: true }, { inner: { name: 'n', size: 0 } }],
    ['or TRUE, as a text', { inner: 'TRUE' }, { inner: { name: 'n', size: 0 } }],
    ['and false leaves them unset', { inner: false }, { inner: undefined }],
    [
      'names that only code sets are dropped',
      { inner: { late: { x: 1 }, size: 1 }, internal: 'x' },
      { inner: { name: 'n', size: 1 }, internal: undefined },
    ],
    ['an item of a list of objects may be empty', { objects: [{}] }, { objects: [{ url: '' }] }],
  ]
  for (const [name, tree, expected] of cases) {
    test(name, () => {
      const { value, errors } = decode(tree)
      assert.deepEqual(errors, [])
      const found = JSON.parse(JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? `${member}n` : member)))
      for (const [key, member] of Object.entries(expected)) assert.deepEqual(found[key], typeof member === 'bigint' ? `${member}n` : member)
    })
  }
})

describe('bad values', () => {
  const cases: readonly (readonly [tree: Record<string, unknown>, ...errors: string[]])[] = [
    [{ inner: { nam: 'x' } }, 'inner.nam: field not found, node: nam'],
    [{ txt: 'x' }, 'txt: field not found, node: txt'],
    [{ own: true }, 'own: field not found, node: own'],
    [{ flag: 'yes' }, 'flag: strconv.ParseBool: parsing "yes": invalid syntax'],
    [{ count: 'x' }, 'count: strconv.ParseInt: parsing "x": invalid syntax'],
    [{ count: 1.5 }, 'count: strconv.ParseInt: parsing "1.500000": invalid syntax'],
    [{ count: -1 }, 'count: count must not be less than 0'],
    [{ count: 2147483648 }, 'count: strconv.ParseInt: parsing "2147483648": value out of range'],
    [{ big: 9223372036854775808n }, 'big: strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    [{ wait: '5 minutes' }, 'wait: time: invalid duration "5 minutes"'],
    [{ wait: 1.5 }, 'wait: time: missing unit in duration "1.500000"'],
    [{ share: 'much' }, 'share: strconv.ParseFloat: parsing "much": invalid syntax'],
    [{ text: { a: 1 } }, 'text: invalid node text: string'],
    [{ text: ['a'] }, 'text: invalid node text: string'],
    [{ text: new UnsupportedValue('time.Time', '2020-01-01') }, 'text: text: unsupported type time.Time'],
    [{ list: { a: 1 } }, 'list: invalid node list: expected a list, found an object'],
    [{ list: [{ a: 1 }] }, 'list[0]: invalid node 0: string'],
    [{ strict: {} }, 'strict: strict cannot be a standalone element'],
    [{ strict: true }, 'strict: strict cannot be a standalone element'],
    [{ strict: { a: null } }, 'strict: strict cannot be a standalone element'],
    [{ always: {} }, 'always: always cannot be a standalone element'],
    [{ texts: {} }, 'texts: texts cannot be a standalone element (type map[string]string)'],
    [{ texts: 'x' }, 'texts: texts cannot be a standalone element (type map[string]string)'],
    [{ map: { a: null } }, 'map: map cannot be a standalone element'],
    [{ map: { a: 'x' } }, 'map.a: invalid node a: expected an object, found "x"'],
    [{ objects: { url: 'x' } }, 'objects: invalid node objects: expected a list, found an object'],
    [{ objects: ['x'] }, 'objects[0]: invalid node 0: expected an object, found "x"'],
    [
      { flag: 'a', count: 'b' },
      'flag: strconv.ParseBool: parsing "a": invalid syntax',
      'count: strconv.ParseInt: parsing "b": invalid syntax',
    ],
  ]
  for (const [tree, ...errors] of cases) test(errors[0] ?? '', () => assert.deepEqual(decode(tree).errors, errors))
})

test('an unknown name gets the nearest known one', () => {
  assert.equal(decode({ txet: 'x' }).problems[0]?.nearest, 'text')
  assert.equal(decode({ quiteDifferent: 'x' }).problems[0]?.nearest, undefined)
})

test('unknown names at the top are skipped with a warning where that is wanted', () => {
  const { problems } = decodeTree(schema, { 'x-anchors': {}, 'inner': { nam: 1 } }, { source: 'file', skipUnknownTop: true })
  assert.deepEqual(
    problems.map(({ severity, path }) => [severity, path]),
    [
      ['warning', 'x-anchors'],
      ['error', 'inner.nam'],
    ],
  )
})

test('a deprecated option works and is warned of once', () => {
  const { value, problems } = decodeTree(mapOf('All.', schema), undefined, { source: 'file' })
  assert.equal(problems.length, 0)
  assert.deepEqual(Object.keys(value), [])
  const two = decodeTree(object('Two.', { all: mapOf('All.', schema) }), { all: { a: { old: 'x' }, b: { old: 'y' } } }, { source: 'file' })
  assert.equal(two.value.all['b']?.old, 'y')
  assert.deepEqual(
    two.problems.map((problem) => [problem.severity, problem.message]),
    [['warning', 'old is deprecated: use text']],
  )
})

test('problems carry the place that the locator knows', () => {
  const { problems } = decodeTree(
    schema,
    { objects: [{}, { weight: 'x' }] },
    { source: 'file', locate: (path) => ({ file: 'f', line: path.length }) },
  )
  assert.deepEqual(
    problems.map(({ file, line, path }) => [file, line, path]),
    [['f', 3, 'objects[1].weight']],
  )
})

test('configured options are told with their paths', () => {
  const told: string[] = []
  decodeTree(
    schema,
    { TEXT: 'a', map: { A: { Size: 1 }, B: {} } },
    { source: 'file', onGiven: (path, at) => told.push(`${path} ${at.join('/')}`) },
  )
  assert.deepEqual(told, ['text TEXT', 'map.A.size map/A/Size', 'map.B map/B'])
})

test('what only some sources can set is dropped from the others', () => {
  assert.equal(decode({ kvOnly: 'x' }, 'kv').value.kvOnly, 'x')
  assert.equal(decode({ noLabel: 'x', text: 'y' }, 'label').value.noLabel, '')
  assert.equal(decode({ noLabel: 'x' }, 'kv').value.noLabel, 'x')
})

test('labels name the only item of a list', () => {
  const { value, errors } = decode({ object: { url: 'u' } }, 'label')
  assert.deepEqual(errors, [])
  assert.deepEqual(value.objects, [{ url: 'u' }])
  assert.deepEqual(decode({ objects: { '[0]': { url: 'u' } } }, 'label').errors, ['objects: field not found, node: objects'])
})

test('a value beside members switches an object on or off', () => {
  const tree = (value: string) => ({ inner: new Branch(value, { size: '3' }) })
  assert.equal(decode(tree('true'), 'label').value.inner?.size, 3)
  assert.equal(decode(tree(''), 'label').value.inner?.size, 3)
  assert.equal(decode(tree('false'), 'label').value.inner, undefined)
})

test('list items by index come in the order in which their names sort', () => {
  assert.deepEqual(decode({ list: { '10': 'c', '2': 'b', '0': 'a' } }, 'kv').value.list, ['a', 'c', 'b'])
  assert.deepEqual(decode({ objects: { '[1]': { url: 'b' }, '[0]': { url: 'a' } } }, 'flags').value.objects, [{ url: 'a' }, { url: 'b' }])
})

describe('plain JSON, as the REST provider takes it', () => {
  test('there are no defaults', () => {
    const { value, errors } = decode({ inner: { size: 1 }, strict: {} }, 'rest')
    assert.deepEqual(errors, [])
    assert.equal(value.inner?.name, '')
    assert.equal(value.flag, false)
    assert.equal(value.wait, 0)
    assert.deepEqual(value.list, [])
    assert.deepEqual(value.strict, { a: '' })
  })
  test('types are strict, unknown names are skipped, internal options are taken', () => {
    assert.deepEqual(decode({ text: 5 }, 'rest').errors, ['text: json: cannot unmarshal number into Go struct field text of type string'])
    assert.deepEqual(decode({ flag: 'true' }, 'rest').errors, [
      'flag: json: cannot unmarshal string into Go struct field flag of type bool',
    ])
    assert.deepEqual(decode({ nonsense: 5, internal: 'x' }, 'rest').errors, [])
    assert.equal(decode({ internal: 'x' }, 'rest').value.internal, 'x')
    assert.equal(decode({ inner: true }, 'rest').errors.length, 1)
  })
})

describe('R49: names of prototypes are names like any other', () => {
  for (const name of ['__proto__', 'constructor', 'prototype', 'hasOwnProperty']) {
    test(name, () => {
      const tree: unknown = JSON.parse(`{"map": {"${name}": {"size": 1}}, "texts": {"${name}": "x"}}`)
      const { value, errors } = decode(tree)
      assert.deepEqual(errors, [])
      assert.deepEqual(Object.keys(value.map), [name])
      assert.equal(value.texts[name], 'x')
      assert.equal(value.map[name]?.size, 1)
      assert.equal(({} as Record<string, unknown>)['size'], undefined)
      assert.deepEqual(decode(JSON.parse(`{"inner": {"${name}": 1}}`)).errors, [`inner.${name}: field not found, node: ${name}`])
    })
  }
})

test('R49: problems are bounded', () => {
  const tree: Record<string, unknown> = {}
  for (let index = 0; index < problemsMax + 50; index += 1) tree[`unknown-${index}`] = 1
  const { problems } = decode(tree)
  assert.equal(problems.length, problemsMax + 1)
  assert.equal(problems.at(-1)?.message, '50 more problems')
})
