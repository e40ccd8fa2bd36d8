import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'smol-toml'
import { stringifyJson } from '../schema/encode.ts'
import { UnsupportedValue } from '../schema/raw.ts'
import { readJson, readJsonPlaces } from './json.ts'
import { createLocator } from './places.ts'
import { SourceError } from './source-error.ts'
import { formatOfFile, readText } from './text.ts'
import { readTomlPlaces } from './toml-places.ts'
import { readToml } from './toml.ts'

test('the format follows from the extension, in any letter case', () => {
  assert.equal(formatOfFile('/a.b/x.YML'), 'yaml')
  assert.equal(formatOfFile('x.yaml'), 'yaml')
  assert.equal(formatOfFile('x.toml'), 'toml')
  assert.equal(formatOfFile('x.json'), 'json')
  assert.equal(formatOfFile('x.txt'), undefined)
  assert.equal(formatOfFile('yaml'), undefined)
})

test('a text that holds no object is an error, an empty one is not', () => {
  assert.equal(readText('[1]', 'json').problems[0]?.message, 'the text must hold an object')
  assert.equal(readText('just words', 'yaml').problems[0]?.severity, 'error')
  for (const format of ['yaml', 'toml', 'json'] as const) assert.deepEqual(readText('\n', format).problems, [])
})

test('a syntax error is a problem with its place', () => {
  assert.deepEqual(readText('{"a": 1,}', 'json', 'f.json').problems, [
    { severity: 'error', path: '', message: 'json: invalid character "}"', file: 'f.json', line: 1, column: 9 },
  ])
  const [toml] = readText('[a]\nb = 127.0.0.1:80\n', 'toml', 'f.toml').problems
  assert.deepEqual([toml?.file, toml?.line], ['f.toml', 2])
})

test('further YAML documents are told', () => {
  assert.deepEqual(
    readText('a: 1\n---\nb: 1\n', 'yaml').problems.map((problem) => problem.severity),
    ['warning'],
  )
})

describe('JSON', () => {
  const bad: readonly string[] = [
    '{',
    '[1',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '[1,]',
    '"',
    '"\\x"',
    '01',
    '1.',
    '-',
    'tru',
    '1 2',
    '{"a":1 "b":2}',
    '[\u0001]',
    '"\n"',
  ]
  for (const text of bad) test(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => readJson(text), SourceError))
  test('R49: deep nesting is refused', () => {
    assert.throws(() => readJson('['.repeat(100_000)), /nested deeper than 100 levels/)
    assert.throws(() => readJson('{"a":'.repeat(100_000)), /nested deeper than 100 levels/)
  })
  test('integers are exact', () => {
    assert.deepEqual(readJson('[9223372036854775807, -1, 1.5, 1e3]'), [9223372036854775807n, -1, 1.5, 1000])
  })
  test('the last of two equal keys counts', () => assert.equal((readJson('{"a": 1, "a": 2}') as Record<string, unknown>)['a'], 2))
  test('it reads what JSON.parse reads', () => {
    fc.assert(fc.property(fc.json(), (text) => assert.equal(stringifyJson(readJson(text)), exact(text))))
  })
  test('it refuses what JSON.parse refuses', () => {
    const text = fc
      .array(fc.constantFrom('{', '}', '[', ']', ':', ',', '"a"', '1', ' ', '\\', '"', 'true', '-', '.5', 'e3'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (candidate) =>
        assert.equal(
          accepts(() => readJson(candidate)),
          candidate.trim() === '' || accepts(() => JSON.parse(candidate)),
        ),
      ),
    )
  })
  test('places are those of keys and items', () => {
    const locate = createLocator('{"a": {"b\\n": [1,\n {"c": 2}]}}', undefined, readJsonPlaces)
    assert.deepEqual(locate(['a', 'b\n', 1, 'c']), { line: 2, column: 3 })
    assert.deepEqual(locate(['a', 'b\n']), { line: 1, column: 8 })
  })
})

describe('TOML', () => {
  test('large integers are exact, dates are no values', () => {
    const tree = readToml('a = 9223372036854774807\nb = 2020-01-01\nc = 1.5') as Record<string, unknown>
    assert.equal(tree['a'], 9223372036854774807n)
    assert.ok(tree['b'] instanceof UnsupportedValue)
    assert.equal(tree['c'], 1.5)
  })
  test('R49: names of prototypes and deep keys', () => {
    const tree = readToml('[__proto__]\na = 1\n[constructor]\nb = 1\n')
    assert.deepEqual(Object.keys(tree as object), ['__proto__', 'constructor'])
    assert.equal(({} as Record<string, unknown>)['a'], undefined)
    assert.throws(() => readToml(`${'a.'.repeat(100_000)}a = 1`), /nested deeper/)
    assert.throws(() => readToml(`a = ${'['.repeat(100_000)}`), SourceError)
  })
  const text = `# comment
[http.routers."a.b"]
rule = "x" # comment
list = [ "a,]", # comment
  'b', { c = 1 } ]
[[http.services]]
one = """
"quoted" \\"""
"""
[[http.services]]
two.three = '''
x''''
inline = { "k y" = 5, z = [1, 2] }
[http.services.sub]
deep = true
`
  const cases: readonly (readonly [path: (string | number)[], line: number, column: number])[] = [
    [['http', 'routers', 'a.b'], 2, 15],
    [['http', 'routers', 'a.b', 'rule'], 3, 1],
    [['http', 'routers', 'a.b', 'list', 1], 5, 3],
    [['http', 'routers', 'a.b', 'list', 2, 'c'], 5, 10],
    [['http', 'services', 0, 'one'], 7, 1],
    [['http', 'services', 1, 'two', 'three'], 11, 5],
    [['http', 'services', 1, 'inline', 'k y'], 13, 12],
    [['http', 'services', 1, 'inline', 'z', 1], 13, 31],
    [['http', 'services', 1, 'sub', 'deep'], 15, 1],
  ]
  test('the text of the places is sound', () => assert.ok(readToml(text) !== undefined))
  for (const [path, line, column] of cases) {
    test(`the place of ${path.join('.')}`, () => assert.deepEqual(createLocator(text, undefined, readTomlPlaces)(path), { line, column }))
  }
  test('every key of a printed table has a place', () => {
    const key = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 6 })
    const table = fc.dictionary(
      key,
      fc.oneof(
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.array(fc.string(), { maxLength: 3 }),
        fc.dictionary(key, fc.string(), { noNullPrototype: true }),
      ),
      {
        noNullPrototype: true,
      },
    )
    fc.assert(
      fc.property(table, (value) => {
        const places = readTomlPlaces(stringify(value))
        for (const name of Object.keys(value)) assert.ok(places.members?.has(name), name)
      }),
    )
  })
  test('no text keeps the place finder from ending', () => {
    const parts = fc.array(fc.constantFrom('[', ']', '=', '.', '"', "'", 'a', '{', '}', ',', '\n', '#', '"""', '\\', ' '))
    fc.assert(fc.property(parts, (pieces) => assert.equal(readTomlPlaces(pieces.join('')).offset, 0)))
  })
})

/** What JSON.parse makes of a text, with the digits of large integers that it loses. */
function exact(text: string): string {
  const parsed: unknown = JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? 0)
      : value,
  )
  return stringifyJson(parsed)
}

function accepts(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}
