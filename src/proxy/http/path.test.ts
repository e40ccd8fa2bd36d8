import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  canonicalPath,
  decodedPath,
  encodedPath,
  escapePath,
  isWrittenPath,
  normalizePath,
  rawPathOf,
  routingPathOf,
  sanitizePath,
  staysCanonical,
} from './path.ts'

const canonical: readonly (readonly [string, string | null])[] = [
  ['/', '/'],
  ['', '/'],
  ['*', '*'],
  ['/a/b', '/a/b'],
  ['/x/../admin', '/admin'],
  ['/../../admin', '/admin'],
  ['/a/b/.', '/a/b'],
  ['/a/b/./', '/a/b/'],
  ['/a/b/..', '/a'],
  ['/a/b/../', '/a/'],
  ['/..', '/'],
  ['/.', '/'],
  ['//', '/'],
  ['/a/.../b', '/a/.../b'],
  ['/a..b/.c', '/a..b/.c'],
  ['//admin', '/admin'],
  ['///a///b//', '/a/b/'],
  ['/%61dmin', '/admin'],
  ['/x/%2e%2e/admin', '/admin'],
  ['/x/%2E./admin', '/admin'],
  ['/x/.%2e/admin', '/admin'],
  ['/x/..;/admin', '/admin'],
  ['/x/..;a=b;c/admin', '/admin'],
  ['/x/.;a/y', '/x/y'],
  ['/x/..%3B/admin', '/x/..%3B/admin'],
  ['/x/y..;/z;a', '/x/y..;/z;a'],
  ['/x/..%2fadmin', '/x/..%2Fadmin'],
  ['/a%2Fb', '/a%2Fb'],
  ['/a%2fb', '/a%2Fb'],
  ['/a%252e%252e', '/a%252e%252e'],
  ["/a!b$c&d'e(f)g*h+i,j:k=l@m", "/a!b$c&d'e(f)g*h+i,j:k=l@m"],
  ['/[a]', '/[a]'],
  ['/a"b', '/a%22b'],
  ['/a{%2Fb', '/a%7B/b'],
  ['/a\\b', '/a%5Cb'],
  ['/\u00c3\u00a9', '/%C3%A9'],
  ['/%c3%a9', '/%C3%A9'],
  ['/%ff', '/%FF'],
  ['/a%00', '/a%00'],
  ['/\u00ff\u00fe', null],
  ['/a#b', null],
  ['/a%', null],
  ['/a%2', null],
  ['/a%zz', null],
  ['/%2%61', null],
  ['/a b', null],
  ['/a\u0000', null],
  ['/a\u007f', null],
]

test('R11 paths reach one canonical form or are refused', () => {
  for (const [sent, expected] of canonical) assert.equal(canonicalPath(sent, true), expected, JSON.stringify(sent))
})

test('without sanitizing, segments and slashes stay', () => {
  assert.equal(canonicalPath('/x/../%61//b', false), '/x/../a//b')
  assert.equal(canonicalPath('/x/%2e%2e/b', false), '/x/../b')
  assert.equal(canonicalPath('', false), '')
  assert.equal(canonicalPath('/a b', false), null)
})

/** Paths made of what matters: dots, slashes, escapes in both cases, delimiters, raw bytes. */
const piece = fc.constantFrom(
  '/',
  '//',
  '.',
  '..',
  '/.',
  '/..',
  'a',
  'B',
  '%2e',
  '%2E',
  '%2f',
  '%2F',
  '%5c',
  '%25',
  '%61',
  '%00',
  '%ff',
  ';',
  ':',
  '(',
  ']',
  '{',
  '\\',
  '\u00c3\u00a9',
  '*',
  '~',
  '%',
)
const paths = fc.array(piece, { maxLength: 12 }).map((parts) => `/${parts.join('')}`)
const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 20 }).map((codes) => `/${String.fromCharCode(...codes)}`)

test('R11 the canonical form is canonical: doing it again changes nothing', () => {
  fc.assert(
    fc.property(fc.oneof(paths, bytes), fc.boolean(), (path, sanitize) => {
      const once = canonicalPath(path, sanitize)
      if (once === null) return
      assert.equal(canonicalPath(once, sanitize), once)
      assert.ok(isWrittenPath(once))
      const normal = normalizePath(path)
      assert.ok(normal !== null)
      assert.equal(normalizePath(normal), normal)
      assert.equal(sanitizePath(sanitizePath(normal)), sanitizePath(normal))
      assert.equal(once, sanitize ? sanitizePath(normal) : normal)
      if (sanitize) assert.ok(staysCanonical(once))
    }),
    { numRuns: 2000 },
  )
})

test('R11 no canonical path holds a dot segment, a double slash or an escape of an unreserved character', () => {
  fc.assert(
    fc.property(fc.oneof(paths, bytes), (path) => {
      const result = canonicalPath(path, true)
      if (result === null) return
      assert.doesNotMatch(result, /\/\/|\/\.\.?(\/|$)|[#\s]|%(2[dDeE]|3[0-9]|4[1-9A-Fa-f]|5[0-9aA]|5[fF]|6[1-9A-Fa-f]|7[0-9aA]|7[eE])/)
      assert.doesNotMatch(result, /%(?![0-9A-F]{2})/)
    }),
    { numRuns: 2000 },
  )
})

test('a path that is canonical comes back as the same string', () => {
  for (const path of ['/', '/a/b.c', '/a%2Fb', '/%C3%A9/x', '/a/.hidden', '/(a)']) assert.equal(canonicalPath(path, true), path)
})

test('routing paths are decoded but for reserved characters', () => {
  const table: readonly (readonly [string, string])[] = [
    ['/a/b', '/a/b'],
    ['/a%20b', '/a b'],
    ['/%C3%A9', '/\u00c3\u00a9'],
    ['/a%2Fb%3Fc', '/a%2Fb%3Fc'],
    ['/%25', '/%25'],
    ['/%7B%3A%7D', '/{%3A}'],
    ['/%5C%00', '/\\\u0000'],
    ['/%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25', '/%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25'],
    ['/a%', '/a%'],
  ]
  for (const [path, expected] of table) assert.equal(routingPathOf(path), expected)
})

test('written forms are kept while they say the same', () => {
  assert.equal(rawPathOf('/a/b'), '')
  assert.equal(rawPathOf('/a%20b'), '')
  assert.equal(rawPathOf('/a%2Fb'), '/a%2Fb')
  assert.equal(rawPathOf('/(a)'), '/(a)')
  assert.equal(encodedPath('/a/b', '/a%2Fb'), '/a%2Fb')
  assert.equal(encodedPath('/a/c', '/a%2Fb'), '/a/c')
  assert.equal(encodedPath('/a b/c', '/a b%2Fc'), '/a%20b/c')
  assert.equal(encodedPath('/(a)', ''), '/%28a%29')
  assert.equal(encodedPath('*', ''), '*')
})

test('decoding undoes writing', () => {
  fc.assert(fc.property(bytes, (path) => assert.equal(decodedPath(escapePath(path)), path)))
  fc.assert(
    fc.property(paths, (path) => {
      const result = canonicalPath(path, true)
      if (result !== null) assert.equal(encodedPath(decodedPath(result), rawPathOf(result)), result)
    }),
  )
})
