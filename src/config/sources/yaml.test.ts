import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { dump } from 'js-yaml'
import { UnsupportedValue } from '../schema/raw.ts'
import { createLocator } from './places.ts'
import { SourceError } from './source-error.ts'
import { readYaml, readYamlPlaces } from './yaml.ts'

describe('scalars', () => {
  const cases: readonly (readonly [text: string, value: unknown])[] = [
    ['~', null],
    ['Null', null],
    ['true', true],
    ['TRUE', true],
    ['tRue', 'tRue'],
    ['yes', 'yes'],
    ['on', 'on'],
    ['"true"', 'true'],
    ['15', 15],
    ['-15', -15],
    ['+15', 15],
    ['1_000', 1000],
    ['0x1F', 31],
    ['0o17', 15],
    ['017', 15],
    ['0b101', 5],
    ['-0x10', -16],
    ['08', 8],
    ['9223372036854774807', 9223372036854774807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['0xFFFFFFFFFFFFFFFF', 18446744073709551615n],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['.5', 0.5],
    ['.inf', Number.POSITIVE_INFINITY],
    ['-.INF', Number.NEGATIVE_INFINITY],
    ['.nan', Number.NaN],
    ['1.2.3', '1.2.3'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['12:30', '12:30'],
    ['-', '-'],
    ['!!str 5', '5'],
    ['!!int "5"', 5],
    ['!!float 5', 5],
    ['!!bool "true"', true],
    ['!!null ""', null],
    ['! 5', '5'],
    ["'it''s'", "it's"],
    ['"a\\u0041\\n"', 'aA\n'],
  ]
  for (const [text, value] of cases)
    test(JSON.stringify(text), () => assert.deepEqual(readYaml(`[${text === '-' ? '"-"' : text}, 1]`).value, [value, 1]))

  for (const text of ['2020-01-01', '2020-1-2', '2020-01-01T10:00:00Z', '2020-01-01 10:00:00.5 +01:00']) {
    test(`the date ${text} is no value`, () => assert.ok(asRecord(readYaml(`a: ${text}`).value)['a'] instanceof UnsupportedValue))
  }
})

describe('documents', () => {
  test('nothing and comments are nothing', () => {
    for (const text of ['', '# a comment\n', '---\n', '---\n...\n', 'null', '\uFEFF']) assert.equal(readYaml(text).value, undefined)
  })
  test('only the first document is read, and the others are told', () => {
    assert.deepEqual(readYaml('a: 1\n---\nb: 2\n'), { value: record({ a: 1 }), hasMore: true })
    assert.equal(readYaml('a: 1\n---\n').hasMore, false)
  })
  test('anchors, aliases and merge keys', () => {
    const { value } = readYaml('x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: {b: 4, <<: [*x, {c: 5}]}\nw: *x\n')
    const x = record({ a: 1, b: 2 })
    assert.deepEqual(value, record({ x, y: record({ a: 1, b: 3 }), z: record({ a: 1, b: 4, c: 5 }), w: x }))
  })
  test('keys are texts whatever they look like', () => {
    assert.deepEqual(
      readYaml('404: a\ntrue: b\n"x y": c\n2020-01-01: d\n').value,
      record({ '404': 'a', 'true': 'b', 'x y': 'c', '2020-01-01': 'd' }),
    )
  })
  test('R49: names of prototypes are keys like any other', () => {
    const { value } = readYaml('__proto__: {a: 1}\nconstructor: 2\n')
    assert.equal(Object.getPrototypeOf(value), null)
    assert.deepEqual(Object.keys(asRecord(value)), ['__proto__', 'constructor'])
    assert.equal(({} as Record<string, unknown>)['a'], undefined)
  })
})

describe('errors', () => {
  const bomb = `a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\nd: &d [${'*c,'.repeat(50)}]\n`
  const cases: readonly (readonly [name: string, text: string, message: RegExp, line?: number])[] = [
    ['an unclosed list', 'a: [\n', /yaml: /, 2],
    ['a tab for indentation', 'a:\n\tb: 1\n', /yaml: /, 2],
    ['a key that is given twice', 'a: 1\nb: 2\na: 3\n', /mapping key "a" already defined/, 3],
    ['an unknown alias', 'a: 1\nb: *c\n', /unknown anchor 'c' referenced/, 2],
    ['an alias within its own anchor', 'a: &a [*a]\n', /unknown anchor 'a' referenced/],
    ['R49: a custom tag', 'a: 1\nb: !!js/function "x"\n', /cannot decode "x" as !!js\/function/, 2],
    ['R49: a custom tag on a list', 'b: !new [1]\n', /unknown tag !new/],
    ['a value that does not fit its tag', 'a: !!int x\n', /cannot decode "x" as !!int/],
    ['a merge of no map', 'a: {<<: 5}\n', /map merge requires map/],
    ['a list as a key', '? [a]\n: 1\n', /a key must be a text/],
    ['R49: an alias bomb', bomb, /excessive aliasing/],
    ['R49: deep nesting', `${'['.repeat(100_000)}`, /yaml: /],
    ['R49: deep nesting of maps', `${'{a: '.repeat(100_000)}`, /yaml: /],
    ['a null byte', 'a: \0\n', /yaml: /],
  ]
  for (const [name, text, message, line] of cases) {
    test(name, () => {
      assert.throws(
        () => readYaml(text),
        (error) => error instanceof SourceError && message.test(error.message) && (line === undefined || error.line === line),
      )
    })
  }
})

test('many small aliases are fine', () => {
  const text = `a: &a {x: 1}\nb: [${'*a,'.repeat(20_000)}]\n`
  assert.equal((asRecord(readYaml(text).value)['b'] as unknown[]).length, 20_000)
})

test('places are those of keys and items', () => {
  const text =
    'http:\n  routers:\n    "a b": {rule: x}\n  list:\n    - one\n    - {two: 2}\n  merged:\n    <<: &m\n      inner: 1\nalias: *m\n'
  const locate = createLocator(text, 'f.yml', readYamlPlaces)
  assert.deepEqual(locate(['http', 'routers', 'a b']), { file: 'f.yml', line: 3, column: 6 })
  assert.deepEqual(locate(['http', 'routers', 'a b', 'rule']), { file: 'f.yml', line: 3, column: 13 })
  assert.deepEqual(locate(['http', 'list', 1, 'two']), { file: 'f.yml', line: 6, column: 8 })
  assert.deepEqual(locate(['http', 'list', 0]), { file: 'f.yml', line: 5, column: 7 })
  assert.deepEqual(locate(['http', 'merged', 'inner']), { file: 'f.yml', line: 9, column: 7 })
  assert.deepEqual(locate(['alias', 'inner']), { file: 'f.yml', line: 9, column: 7 })
  assert.deepEqual(locate(['http', 'nothing', 'there']), { file: 'f.yml', line: 1, column: 1 })
  assert.deepEqual(locate(['nothing']), { file: 'f.yml' })
})

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

test('JSON is read as YAML, with the same values', () => {
  fc.assert(fc.property(json, (value) => assert.deepEqual(plain(readYaml(JSON.stringify([value])).value), [value])))
})

test('what another printer of YAML writes is read back', () => {
  fc.assert(fc.property(json, (value) => assert.deepEqual(plain(readYaml(dump([value])).value), [value])))
})

test('no text makes the reader fail in another way than by its own error', () => {
  const pieces = fc.array(
    fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '&a',
      '*a',
      '!t',
      '"',
      "'",
      '|',
      '>',
      '#',
      '?',
      '---',
      '\t',
      '<<',
      '1',
    ),
  )
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('')
      try {
        readYaml(text)
      } catch (error) {
        assert.ok(error instanceof SourceError, String(error))
        return
      }
      assert.ok(readYamlPlaces(text).offset === 0)
    }),
    { numRuns: 1000 },
  )
})

/** Ordinary objects instead of records without a prototype. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}

function record(members: Record<string, unknown>): Record<string, unknown> {
  return Object.assign(Object.create(null) as Record<string, unknown>, members)
}

function asRecord(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null)
  return value as Record<string, unknown>
}
