import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { translateToNative } from './re2-native.ts'
import { compileRe2 } from './re2.ts'

const engines: readonly (readonly [pattern: string, engine: 'native' | 'linear'])[] = [
  ['unanchored', 'native'],
  ['', 'native'],
  ['^[a-z]+\\.example\\.com$', 'native'],
  ['^.+\\.example\\.com$', 'native'],
  ['(?i)^/fold\\.(jpe?g|png)$', 'native'],
  ['(^|; )beta=1(;|$)', 'native'],
  ['^https?://([^/]+)/(.*)$', 'native'],
  ['/foo/(.+)', 'native'],
  ['^/[а-я]+$', 'native'],
  ['[[:alpha:]]\\x41\\x{263a}', 'native'],
  // Nested repetition, and two repetitions that can share text out between them.
  ['(a+)+$', 'linear'],
  ['^(a+)+$', 'linear'],
  ['^(?:[a-z]+\\.)+x$', 'linear'],
  ['^a*a*b$', 'linear'],
  ['^.*a.*b$', 'linear'],
  // A search would start a run at every place.
  ['a+b', 'linear'],
  ['\\s+$', 'linear'],
  // Branches whose choices multiply.
  [`^${'(a|ab|b)'.repeat(30)}$`, 'linear'],
  [`^${'(a?|b?)'.repeat(30)}c$`, 'linear'],
  // Syntax that is not read here.
  ['\\pL', 'linear'],
  ['(?m)^a', 'linear'],
  ['(?U)a*', 'linear'],
  ['\\Qa.b\\E', 'linear'],
  ['(?i)é', 'linear'],
  ['(a?)?', 'linear'],
]

for (const [pattern, engine] of engines) {
  test(`${pattern.slice(0, 40)} runs on the ${engine} engine`, () => assert.equal(compileRe2(pattern).engine, engine))
}

test('a nested repetition on 50 kB goes to the engine that never backtracks, and answers', () => {
  const re2 = compileRe2('(a+)+$')
  assert.equal(re2.engine, 'linear')
  assert.equal(re2.test(`${'a'.repeat(50_000)}!`), false)
  assert.equal(re2.test('a'.repeat(50_000)), true)
})

const matches: readonly (readonly [pattern: string, text: string, match: readonly number[] | null])[] = [
  ['b', 'abc', [1, 2]],
  ['(a)|(b)', 'b', [0, 1, -1, -1, 0, 1]],
  ['(?P<x>b+)c', 'abbc', [1, 4, 1, 3]],
  ['a|ab', 'ab', [0, 1]],
  ['^.$', '😀', [0, 2]],
  ['^.$', '\n', null],
  ['(?s)^.$', '\n', [0, 1]],
  ['a$', 'a\n', null],
  ['\\d', '٣', null],
  ['\\s', '\v', null],
  ['[[:space:]]', '\v', [0, 1]],
  ['(?i)k', '\u212a', [0, 1]],
  ['(?i)[^k]', '\u212a', null],
  ['(?i)\\W', '\u017f', null],
  ['\\W', '\u017f', [0, 1]],
  ['\\bé', 'é', null],
  ['x*', 'yx', [0, 0]],
  ['[a-]b]', 'a-b]', [1, 4]],
  ['[]a]+', 'b]a', [1, 3]],
  ['a{2}', 'aaa', [0, 2]],
  ['x{,2}', 'x{,2}', [0, 5]],
  ['(|a)+', 'aa', [0, 0, 0, 0]],
]

for (const [pattern, text, match] of matches) {
  test(`${pattern} in ${JSON.stringify(text)}`, () => {
    const re2 = compileRe2(pattern)
    assert.deepEqual(re2.find(text), match)
    assert.equal(re2.test(text), match !== null)
  })
}

test('find starts at the given place and keeps the anchors of the whole text', () => {
  assert.deepEqual(compileRe2('a').find('aba', 1), [2, 3])
  assert.equal(compileRe2('^a').find('aa', 1), null)
  assert.equal(compileRe2('\\ba').find('aa', 1), null)
})

const replacements: readonly (readonly [pattern: string, text: string, replacement: string, result: string])[] = [
  ['a', 'banana', 'x', 'bxnxnx'],
  ['(a)(n)', 'banana', '$2$1', 'bnanaa'],
  ['(a)', 'ba', '${1}x', 'bax'],
  ['(a)', 'ba', '$1x', 'b'],
  ['(a)', 'ba', '$1-x', 'ba-x'],
  ['(?P<n>a)', 'ba', '[$n]', 'b[a]'],
  ['(?P<n>a)', 'ba', '[${n}x$nx]', 'b[ax]'],
  ['(a)', 'ba', '$$1 $ ${ ${1', 'b$1 $ ${ ${1'],
  ['(a)', 'ba', '$01$2', 'b'],
  ['a', 'ba', '$0$0', 'baa'],
  ['x*', 'abc', '-', '-a-b-c-'],
  ['x*', 'axb', '-', '-a-b-'],
  ['', '😀', '-', '-😀-'],
  ['^/api/(.*)', '/api/x/y', '/$1', '/x/y'],
  ['(a)|(b)', 'ab', '<$1$2>', '<a><b>'],
]

for (const [pattern, text, replacement, result] of replacements) {
  test(`${pattern} in ${text} replaced by ${replacement}`, () => assert.equal(compileRe2(pattern).replaceAll(text, replacement), result))
}

test('bytes are read as UTF-8, and what is no UTF-8 survives', () => {
  assert.equal(compileRe2('^/[а-я]+$').testBytes('/\xd0\xbf\xd1\x80'), true)
  assert.equal(compileRe2('^.$').testBytes('\xc3\xa9'), true)
  assert.equal(compileRe2('^..$').testBytes('\xff\xfe'), true)
  assert.equal(compileRe2('b').replaceAllBytes('\xffb\xc3\xa9', 'é'), '\xff\xc3\xa9\xc3\xa9')
})

const errors: readonly (readonly [pattern: string, message: string])[] = [
  ['bad(', 'error parsing regexp: missing closing ): `bad(`'],
  ['a)', 'error parsing regexp: unexpected ): `a)`'],
  ['[', 'error parsing regexp: missing closing ]: `[`'],
  ['*a', 'error parsing regexp: missing argument to repetition operator: `*`'],
  ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
  ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
  ['^/(?!x)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?!`'],
  ['(?<=a)b', 'error parsing regexp: invalid named capture: `(?<=a)b`'],
  ['(a)\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
  ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
]

for (const [pattern, message] of errors) {
  test(`${pattern} is refused`, () => assert.throws(() => compileRe2(pattern), { message }))
}

test('a pattern is compiled once', () => assert.equal(compileRe2('^once$'), compileRe2('^once$')))

const atom = fc.constantFrom(
  'a',
  'b',
  'k',
  '.',
  '\\.',
  '\\d',
  '\\w',
  '\\W',
  '[a-c]',
  '[^a]',
  '[^k-s]',
  'é',
  '[[:alpha:]]',
  '-',
  '^',
  '$',
  '\\b',
)
const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{2,}')
const { pattern: patterns } = fc.letrec<{ pattern: string; item: string }>((tie) => ({
  pattern: fc
    .array(
      fc.array(tie('item'), { maxLength: 3 }).map((items) => items.join('')),
      { minLength: 1, maxLength: 2 },
    )
    .map((branches) => branches.join('|')),
  item: fc
    .tuple(
      fc.oneof(
        { maxDepth: 2 },
        atom,
        fc.tuple(fc.constantFrom('(', '(?:', '(?i:'), tie('pattern')).map(([open, body]) => `${open}${body})`),
      ),
      quantifier,
    )
    .map((parts) => parts.join('')),
}))
const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', 'k', 'K', '\u212a', 'é', '.', '_', '1', '\n', '😀'), { maxLength: 8 })
  .map((chars) => chars.join(''))

test('what runs natively matches as the linear engine does', () => {
  let compared = 0
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      const native = translateToNative(pattern)
      if (native === undefined) return
      compared += 1
      const matcher = RE2JS.compile(pattern).matcher(text)
      const expected = matcher.find() ? native.groupNames.flatMap((_, group) => [matcher.start(group), matcher.end(group)]) : null
      assert.deepEqual(compileRe2(pattern).find(text), expected)
    }),
    { numRuns: 2000 },
  )
  assert.ok(compared > 100)
})

test('compiling any text throws nothing but an error of parsing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...'()[]{}*+?|\\^$.-,:<>P=!iaz019'.split('')), { maxLength: 12 }).map((chars) => chars.join('')),
      (pattern) => {
        try {
          assert.equal(compileRe2(pattern).pattern, pattern)
        } catch (error) {
          assert.match(String(error), /^Error: error parsing regexp: /)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
