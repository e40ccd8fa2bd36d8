import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { matcherNames } from './matcher-names.ts'
import { checkRule, parseRule, RuleError } from './parser.ts'
import { joinNodes, printRule, ruleHosts } from './tree.ts'
import type { RuleLanguage, RuleNode } from './tree.ts'

const v3: RuleLanguage = { protocol: 'http', syntax: 'v3' }
const v2: RuleLanguage = { protocol: 'http', syntax: 'v2' }
const tcp: RuleLanguage = { protocol: 'tcp', syntax: 'v3' }
const tcpV2: RuleLanguage = { protocol: 'tcp', syntax: 'v2' }

/** Rules and how they are printed, which shows the tree. */
const readable: readonly (readonly [rule: string, printed: string])[] = [
  ['Host(`a`)', 'Host(`a`)'],
  ['Host("a") && Path("/x")', 'Host(`a`) && Path(`/x`)'],
  ['Host(`a`) || Host(`b`) && Path(`/`)', 'Host(`a`) || Host(`b`) && Path(`/`)'],
  ['(Host(`a`) || Host(`b`)) && Path(`/`)', '(Host(`a`) || Host(`b`)) && Path(`/`)'],
  ['((Host(`a`)))', 'Host(`a`)'],
  ['Host(`a`) || (Host(`b`) || Host(`c`))', 'Host(`a`) || Host(`b`) || Host(`c`)'],
  ['!Host(`a`) && Path(`/`)', '!Host(`a`) && Path(`/`)'],
  ['!!Host(`a`)', 'Host(`a`)'],
  ['!(Host(`a`) || Path(`/`))', '!Host(`a`) && !Path(`/`)'],
  ['!(!Host(`a`) && Path(`/`) || Path(`/x`))', '(Host(`a`) || !Path(`/`)) && !Path(`/x`)'],
  [
    'host(`a`) && PATHPREFIX(`/`) && Hostregexp(`b`) && clientip(`::1`)',
    'Host(`a`) && PathPrefix(`/`) && HostRegexp(`b`) && ClientIP(`::1`)',
  ],
  ['Host(`a`)&&(Path(`/a`)||Path(`/b`))&&!Method(`POST`)', 'Host(`a`) && (Path(`/a`) || Path(`/b`)) && !Method(`POST`)'],
  ['  Host (  `a`  )   &&\t Path( `/x` )  ', 'Host(`a`) && Path(`/x`)'],
  ['Host(`a`) &&\n  (Path(`/a`) ||\n   Path(`/b`))\n', 'Host(`a`) && (Path(`/a`) || Path(`/b`))'],
  ['Host(\n`a`) && Header(`X-T`,\n `1`)', 'Host(`a`) && Header(`X-T`, `1`)'],
  ['Host(`a`,)', 'Host(`a`)'],
  ['Host(`a`) /* the site */ && Path(`/x`) // and its page', 'Host(`a`) && Path(`/x`)'],
  ['Host(`a`) &&\r\n Path(`/x`)\r\n', 'Host(`a`) && Path(`/x`)'],
  ['// first\nHost(`a`)', 'Host(`a`)'],
  ['\ufeffHost(`a`)', 'Host(`a`)'],
  ['Host("\\x65sc.loc\\u0061l") && Path("/t\\u00e9\\"q\\"")', 'Host(`esc.local`) && Path(`/té"q"`)'],
  ['Path("/\\141\\U0001F600")', 'Path(`/a😀`)'],
  ['Header("X-T", "a\\tb")', 'Header(`X-T`, `a\tb`)'],
  ['PathRegexp("^/`+$")', 'PathRegexp("^/`+$")'],
  ['Header(`X`, "\\xff\\xc3\\xa9")', 'Header(`X`, "\\xffé")'],
  ['Header(`X`, `a\r\nb`)', 'Header(`X`, `a\nb`)'],
  ['Path(`/(a) && (b|c)`)', 'Path(`/(a) && (b|c)`)'],
]

for (const [rule, printed] of readable) {
  test(`reads ${JSON.stringify(rule)}`, () => assert.equal(printRule(parseRule(rule, v3)), printed))
}

const unreadable: readonly (readonly [rule: string, message: string, offset: number])[] = [
  ['', 'the rule is empty', 0],
  ['   ', 'the rule is empty', 3],
  ['hOst(`a`)', 'unsupported function: hOst', 0],
  ['Host(`a`) && Domain(`b`)', 'unsupported function: Domain', 13],
  ["Host('a')", 'strings are written in backticks or double quotes', 5],
  ['Host(a)', 'unexpected "a"', 5],
  ['Host', '"Host" is no matcher with its arguments in parentheses', 0],
  ['Host(`a`', 'unexpected end of the rule', 8],
  ['Host(`a`))', 'unexpected ")"', 9],
  ['Host(`a)', 'string is not closed', 5],
  ['Host("a\n")', 'string is not closed', 5],
  ['Host(`a`) &&', 'unexpected end of the rule', 12],
  ['&& Host(`a`)', 'unexpected "&&"', 0],
  ['Host(`a`) Path(`/`)', 'unexpected "Path"', 10],
  ['Host(`a`) & Path(`/`)', 'unexpected "&"', 10],
  ['Host(`a`) == Path(`/`)', 'unexpected "="', 10],
  ['Host(`a`) != Path(`/`)', 'unexpected "!="', 10],
  ['Host(`a`);Path(`/`)', 'unexpected ";"', 9],
  ['Host(`a`)\n&& Path(`/`)', 'unexpected end of line: an operator must stand before a line break', 9],
  ['Host(`a` /* \n */)', 'unexpected end of line', 9],
  ['Host(`a`) /* b', 'comment is not closed', 10],
  ['Host(`a`) / 2', 'unexpected "/"', 10],
  ['Path(1)', 'unexpected "1"', 5],
  ['Host((`a`))', 'unexpected "("', 5],
  ['Host(,)', 'unexpected ","', 5],
  ['Host(`a` `b`)', 'unexpected string', 9],
  ['Host("\\d")', 'unknown escape in a string', 6],
  ['Host("\\400")', 'unknown escape in a string', 6],
  ['Host("\\ud800")', 'unknown escape in a string', 6],
  ['`a`', 'unexpected string', 0],
  ['Host(`a`) && ()', 'unexpected ")"', 14],
  ['!', 'unexpected end of the rule', 1],
  ['Host(`a\0`)', 'character not allowed in a rule', 7],
  ['Headers(`a`, `b`)', 'unsupported function: Headers', 0],
  ['HostSNI(`a`)', 'unsupported function: HostSNI', 0],
]

for (const [rule, message, offset] of unreadable) {
  test(`refuses ${JSON.stringify(rule)}`, () => assert.throws(() => parseRule(rule, v3), { name: 'RuleError', message, offset }))
}

test('rules nested 200 deep are read, those nested without end are refused', () => {
  assert.equal(printRule(parseRule(`${'('.repeat(200)}Host(\`a\`)${')'.repeat(200)}`, v3)), 'Host(`a`)')
  assert.equal(printRule(parseRule(`${'!'.repeat(100_001)}Host(\`a\`)`, v3)), '!Host(`a`)')
  assert.throws(() => parseRule('('.repeat(100_000), v3), { message: 'parentheses are nested more than 1000 deep' })
})

test('a chain of thousands of operands makes a flat tree', () => {
  const rule = Array.from({ length: 5000 }, (_, i) => `Host(\`h${i}\`)`).join(' || ')
  const node = parseRule(rule, v3)
  assert.equal(node.kind === 'or' && node.nodes.length, 5000)
  assert.equal(ruleHosts(node).length, 5000)
})

test('an equal rule gives the same tree, one of another language another', () => {
  assert.equal(parseRule('Host(`same`)', v3), parseRule('Host(`same`)', v3))
  assert.notEqual(parseRule('Host(`same`)', v3), parseRule('Host(`same`)', v2))
})

test('a tree survives being posted to a worker', () => {
  const node = parseRule('!(Host(`a`) && Header(`X`, "\\xff")) || Path(`/é`)', v3)
  assert.deepEqual(structuredClone(node), node)
})

const unsound: readonly (readonly [rule: string, language: RuleLanguage, message: RegExp])[] = [
  ['Host()', v3, /^empty args for matcher Host, \[\]$/],
  ['Host(``)', v3, /^empty args/],
  ['Header(`X`, ``)', v3, /^empty args/],
  ['Host(`a`, `b`)', v3, /^unexpected number of parameters for matcher Host: got 2, expected 1$/],
  ['Header(`X`)', v3, /got 1, expected 2$/],
  ['Query(`a`, `b`, `c`)', v3, /got 3, expected 1 to 2$/],
  ['Host(`bücher`)', v3, /^invalid value "bücher".*non-ASCII/],
  ['HostRegexp(`^bücher`)', v3, /non-ASCII/],
  ['HostRegexp(`a(`)', v3, /^error parsing regexp: missing closing \): `a\(`$/],
  ['Path(`a`)', v3, /^path "a" does not start with a '\/'$/],
  ['PathPrefix(`*`)', v3, /does not start/],
  ['PathRegexp(`^/(?!x)`)', v3, /^error parsing regexp: invalid or unsupported Perl syntax/],
  ['HeaderRegexp(`X`, `[`)', v3, /^error parsing regexp/],
  ['QueryRegexp(`k`, `(`)', v3, /^error parsing regexp/],
  ['ClientIP(`10.0.0.0/33`)', v3, /^invalid IP address or range "10.0.0.0\/33"$/],
  ['ClientIP(`127.0.0.1:80`)', v3, /^invalid IP/],
  ['Host(`a`, ``)', v2, /^empty args/],
  ['Headers(`X`)', v2, /got 1, expected at least 2$/],
  ['Headers(`X`, `1`, `Y`)', v2, /multiple of 2, got 3$/],
  ['HeadersRegexp(`X`, `(`)', v2, /^error parsing regexp/],
  ['Path(`a`)', v2, /does not start/],
  ['Path(`/{id`)', v2, /^unbalanced braces in "\/\{id"$/],
  ['Path(`/id}`)', v2, /^unbalanced braces/],
  ['Path(`/{id:(}`)', v2, /^error parsing regexp/],
  ['Path(`/{id:a)|(b}`)', v2, /^error parsing regexp/],
  ['Path(`/{id:(a)}`)', v2, /has capturing groups/],
  ['HostRegexp(`{:[a-z]+}.x`)', v2, /^missing name or pattern in "\{:\[a-z\]\+\}"$/],
  ['HostRegexp(`{x:}.x`)', v2, /^missing name or pattern/],
  ['Query(`k`)', v2, /multiple of 2, got 1$/],
  ['Query(`a={n:1}`, `b={n:2}`)', v2, /^name "n" is used twice$/],
  ['ClientIP(`127.0.0.1`, `x`)', v2, /^invalid IP/],
  ['HostSNI(`a b`)', tcp, /^invalid value for "HostSNI" matcher, "a b" is not a valid hostname or IP$/],
  ['HostSNI(`*.*.a`)', tcp, /not a valid hostname/],
  ['HostSNI(`*.a`)', tcpV2, /not a valid hostname/],
  ['HostSNIRegexp(`(`)', tcp, /^error parsing regexp/],
  ['ALPN(`acme-tls/1`)', tcp, /"acme-tls\/1" is not allowed$/],
  ['HostSNIRegexp(`{a`)', tcpV2, /^unbalanced braces/],
]

for (const [rule, language, message] of unsound) {
  test(`${language.protocol} ${language.syntax} finds fault with ${rule}`, () => {
    const node = parseRule(rule, language)
    assert.throws(
      () => checkRule(node),
      (error) => error instanceof RuleError && message.test(error.message),
    )
  })
}

test('the place of a fault is that of its matcher', () => {
  assert.throws(() => checkRule(parseRule('Host(`a`) || Path(`b`)', v3)), { offset: 13 })
})

test('ruleHosts names the hosts that a rule takes, once each and in lower case', () => {
  const rule = '(Host(`A.b`) || Host(`*.c`)) && !Host(`d`) && HostRegexp(`e`) || Host(`a.B`)'
  assert.deepEqual(ruleHosts(parseRule(rule, v3)), ['a.b', '*.c'])
  assert.deepEqual(ruleHosts(parseRule('Host(`a`, `B`)', v2)), ['a', 'b'])
  assert.deepEqual(ruleHosts(parseRule('HostSNI(`A`) && ALPN(`h2`)', tcp)), ['a'])
})

/** Text as it comes out of the lexer: no lone surrogates but those that stand for bytes. */
const argument = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).map((text) => text.toWellFormed()),
  fc.constantFrom('`', '"\\', '\r', '\0', '\ufeff', '\udcff', 'a\udc80', '/x && !y', '{{.}}'),
)
const { node: nodes } = fc.letrec<{ node: RuleNode; matcher: RuleNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    tie('matcher'),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('node'), { minLength: 2, maxLength: 3 }))
      .map(([kind, list]) => joinNodes(kind, list)),
  ),
  matcher: fc
    .tuple(fc.constantFrom(...matcherNames(v3)), fc.array(argument, { maxLength: 3 }), fc.boolean())
    .map(([name, args, negated]) => ({ kind: 'matcher' as const, name, syntax: 'v3' as const, args, negated, offset: 0 })),
}))

function withoutOffsets(node: RuleNode): unknown {
  return node.kind === 'matcher' ? { ...node, offset: 0 } : { kind: node.kind, nodes: node.nodes.map(withoutOffsets) }
}

test('a tree printed and parsed again is the same tree', () => {
  fc.assert(
    fc.property(nodes, (node) => assert.deepEqual(withoutOffsets(parseRule(printRule(node), v3)), node)),
    { numRuns: 500 },
  )
})

test('any text is read or refused with a RuleError', () => {
  const piece = fc.constantFrom(
    ...'()!,;`"\'\\\n\r\t /*&|.=1é\ufeff\0'.split(''),
    '&&',
    '||',
    'Host',
    'path',
    '`a`',
    '"\\x41"',
    '//',
    '/*',
    '*/',
  )
  let readCount = 0
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
        fc.string({ unit: 'binary' }),
        nodes.map(printRule),
      ),
      (text) => {
        try {
          checkRule(parseRule(text, v3))
          readCount += 1
        } catch (error) {
          assert.ok(error instanceof RuleError)
          assert.ok(error.offset >= 0 && error.offset <= text.length)
        }
      },
    ),
    { numRuns: 3000 },
  )
  assert.ok(readCount > 0)
})
