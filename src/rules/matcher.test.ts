import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stripPort } from './host-forms.ts'
import type { MatchInput, TcpMatchInput } from './match-input.ts'
import { compileMatcher, firstFailure } from './matcher.ts'
import { checkRule, parseRule } from './parser.ts'
import { pairValue, seekPair } from './query.ts'
import { compileTcpMatcher } from './tcp.ts'
import type { RuleNode } from './tree.ts'

interface Request extends Partial<Omit<MatchInput, 'headerValues'>> {
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

/** Makes an input; names of headers in lower case. */
function inputOf(request: Request): MatchInput {
  const { headers = [], host = 'a.local', ...rest } = request
  return {
    method: 'GET',
    host,
    hostRaw: host,
    routingPath: '/',
    rawQuery: '',
    clientIp: '127.0.0.1',
    ...rest,
    headerValues: (name) => headers.flatMap(([key, value]) => (key === name ? [value] : [])),
  }
}

function sound(rule: string, protocol: 'http' | 'tcp', syntax: 'v2' | 'v3'): RuleNode {
  const node = parseRule(rule, { protocol, syntax })
  checkRule(node)
  return node
}

const v3Cases: readonly (readonly [rule: string, request: Request, expected: boolean])[] = [
  ['Host(`exact.local`)', { host: 'exact.local' }, true],
  ['Host(`UPPER.Local`)', { host: 'upper.local' }, true],
  ['Host(`exact.local`)', { host: 'exact.local.' }, true],
  ['Host(`exact.local`)', { host: 'exact.local..' }, false],
  ['Host(`dotted.local.`)', { host: 'dotted.local' }, true],
  ['Host(`dotted.local.`)', { host: 'dotted.local.' }, true],
  ['Host(`dotted.local.`)', { host: 'dotted.local..' }, true],
  ['Host(`.`)', { host: '' }, false],
  ['Host(`*.wild.local`)', { host: 'two.wild.local' }, true],
  ['Host(`*.wild.local`)', { host: 'two.wild.local.' }, true],
  ['Host(`*.wild.local`)', { host: '.wild.local' }, true],
  ['Host(`*.wild.local`)', { host: 'a.b.wild.local' }, false],
  ['Host(`*.wild.local`)', { host: 'wild.local' }, false],
  ['Host(`a.*.mid.local`)', { host: 'a.b.mid.local' }, false],
  ['Host(`a.*.mid.local`)', { host: 'a.*.mid.local' }, true],
  ['Host(`*.*.two.local`)', { host: 'x.*.two.local' }, true],
  ['Host(`*part.local`)', { host: 'xpart.local' }, false],
  ['Host(`ported.local:80`)', { host: 'ported.local' }, false],
  ['Host(`::1`)', { host: '::1' }, true],
  ['Host(` spaced.local `)', { host: 'spaced.local' }, false],
  ['Host(`*`)', { host: '' }, true],
  ['Host(`*`)', { host: 'what.ever' }, true],
  ['!Host(`never.local`)', { host: '' }, true],
  ['Host(`real.local`)', { host: 'alias.local', flatHost: 'real.local' }, true],
  ['Host(`*.local`)', { host: 'a.b.c', flatHost: 'real.local' }, true],
  ['HostRegexp(`^real`)', { host: 'alias.local', flatHost: 'real.local' }, true],
  ['HostRegexp(`^$`)', { host: '' }, true],
  ['HostRegexp(`^$`)', { host: 'a.local' }, true],
  ['HostRegexp(`^$`)', { host: 'a.local', flatHost: 'b.local' }, false],
  ['HostRegexp(`^UPRE$`)', { host: 'upre' }, false],
  ['HostRegexp(`unanchored`)', { host: 'x.unanchored.y' }, true],
  ['Path(`/exact`)', { routingPath: '/exact' }, true],
  ['Path(`/exact`)', { routingPath: '/exact/' }, false],
  ['Path(`/exact`)', { routingPath: '/Exact' }, false],
  ['Path(`/café`)', { routingPath: '/caf\xc3\xa9' }, true],
  ['Path(`/café`)', { routingPath: '/café' }, false],
  ['Path(`/a%2Fb`)', { routingPath: '/a%2Fb' }, true],
  ['Path(`/low%2fer`)', { routingPath: '/low%2Fer' }, false],
  ['Path(`/{id}`)', { routingPath: '/7' }, false],
  ['PathPrefix(`/products`)', { routingPath: '/products-x' }, true],
  ['PathPrefix(`/dir/`)', { routingPath: '/dir' }, false],
  ['PathPrefix(`/日本/`)', { routingPath: '/\xe6\x97\xa5\xe6\x9c\xac/x' }, true],
  ['PathRegexp(`^/[а-я]+$`)', { routingPath: '/\xd0\xbf\xd1\x80\xd0\xb8' }, true],
  ['PathRegexp(`^/\\pL+(?P<n>\\d{2,3})\\z`)', { routingPath: '/\xc3\xa9t\xc3\xa942' }, true],
  ['PathRegexp(`^/word/\\w+$`)', { routingPath: '/word/caf\xc3\xa9' }, false],
  ['Method(`post`)', { method: 'POST' }, true],
  ['Method(`POST`)', { method: 'post' }, false],
  ['Header(`X-Kind`, `Blue`)', { headers: [['x-kind', 'Blue']] }, true],
  [
    'Header(`x-kInD`, `Blue`)',
    {
      headers: [
        ['x-kind', 'Red'],
        ['x-kind', 'Blue'],
      ],
    },
    true,
  ],
  ['Header(`X-Kind`, `Blue`)', { headers: [['x-kind', 'Red, Blue']] }, false],
  ['Header(`X-Kind`, `blé`)', { headers: [['x-kind', 'bl\xc3\xa9']] }, true],
  ['Header(`X-Kind`, `blé`)', { headers: [['x-kind', 'blé']] }, false],
  ['Header(`X-Kind`, "\\xff")', { headers: [['x-kind', '\xff']] }, true],
  [
    'HeaderRegexp(`X-Kind`, `^(red|green)$`)',
    {
      headers: [
        ['x-kind', 'blue'],
        ['x-kind', 'green'],
      ],
    },
    true,
  ],
  ['HeaderRegexp(`X-Kind`, `.*`)', {}, false],
  ['HeaderRegexp(`X-Kind`, `^$`)', { headers: [['x-kind', '']] }, true],
  ['HeaderRegexp(`Host`, `.*`)', { headers: [['host', 'a.local']] }, false],
  ['HeaderRegexp(`Transfer-Encoding`, `.*`)', { headers: [['transfer-encoding', 'chunked']] }, false],
  ['Query(`k`, `v`)', { rawQuery: 'a=1&k=x&k=v' }, true],
  ['Query(`k`, `v`)', { rawQuery: '&&%6b=%76&z' }, true],
  ['Query(`k`, `v`)', { rawQuery: 'k=w&%zz=1&k=%' }, false],
  ['Query(`k`, `v`)', { rawQuery: 'a=1;k=v' }, true],
  ['Query(`k`)', { rawQuery: 'k' }, true],
  ['Query(`k`)', { rawQuery: 'k=v&k=' }, true],
  ['Query(`k`)', { rawQuery: 'kk&k=v' }, false],
  ['Query(`k`)', { rawQuery: '' }, false],
  ['Query(`a key`, `a value`)', { rawQuery: 'a+key=a%20value' }, true],
  ['Query(`k`, `1+1`)', { rawQuery: 'k=1+1' }, false],
  ['Query(`k`, `1+1`)', { rawQuery: 'k=1%2B1' }, true],
  ['Query(`a+b`, `1`)', { rawQuery: 'a+b=1' }, false],
  ['Query(`k`, `café`)', { rawQuery: 'k=caf%C3%A9' }, true],
  ['Query(`k`, `a=b`)', { rawQuery: 'k=a=b' }, true],
  ['Query(`k[]`, `1`)', { rawQuery: 'k%5B%5D=1' }, true],
  ['QueryRegexp(`k`, `^v[0-9]+$`)', { rawQuery: 'k=x&k=v12' }, true],
  ['QueryRegexp(`k.`, `.*`)', { rawQuery: 'kx=1' }, false],
  ['QueryRegexp(`k`)', { rawQuery: 'k=v' }, false],
  ['QueryRegexp(`k`)', { rawQuery: 'k=' }, true],
  ['ClientIP(`127.0.1.0/24`)', { clientIp: '127.0.1.7' }, true],
  ['ClientIP(`::/0`)', { clientIp: '127.0.0.1' }, false],
  ['ClientIP(`::ffff:127.0.0.1`)', { clientIp: '127.0.0.1' }, true],
  ['!ClientIP(`127.0.0.1`)', { clientIp: '127.0.0.1' }, false],
  ['Host(`a`) && Path(`/x`) || Host(`b`) && Path(`/y`)', { host: 'b', routingPath: '/y' }, true],
  ['Host(`a`) && Path(`/x`) || Host(`b`) && Path(`/y`)', { host: 'b', routingPath: '/x' }, false],
  ['!(Path(`/a`) || Path(`/b`)) && Method(`GET`) && Host(`a.local`) && !Query(`k`)', { routingPath: '/c' }, true],
  ['!(Path(`/a`) || Path(`/b`)) && Method(`GET`) && Host(`a.local`) && !Query(`k`)', { routingPath: '/b' }, false],
]

const v2Cases: readonly (readonly [rule: string, request: Request, expected: boolean])[] = [
  ['Host(`one`, `two`,`THREE`)', { host: 'three' }, true],
  ['Host(`one`, `two`)', { host: 'four' }, false],
  ['Host(`dot.`)', { host: 'dot' }, true],
  ['HostHeader(`one`, `two`)', { host: 'two.' }, true],
  ['Host(`*.wild`)', { host: 'x.wild' }, false],
  ['HostRegexp(`{sub:[a-z]+}.re.v2`, `static.v2`)', { hostRaw: 'ABC.re.v2:80' }, true],
  ['HostRegexp(`{sub:[a-z]+}.re.v2`, `static.v2`)', { hostRaw: 'Static.v2' }, true],
  ['HostRegexp(`{sub:[a-z]+}.re.v2`)', { hostRaw: 'x.abc.re.v2' }, false],
  ['HostRegexp(`{sub:[a-z]+}.re.v2`)', { hostRaw: 'abc.re.v2.' }, false],
  ['HostRegexp(`{sub:[a-z]+}.re.v2`)', { hostRaw: 'abcXre.v2' }, false],
  ['HostRegexp(`{x:.*:.*}`)', { hostRaw: '[::1]' }, true],
  ['HostRegexp(`{x:[^\\[]+}`)', { hostRaw: '[::1]:80' }, true],
  ['HostRegexp(`{x:foo|bar}.alt`)', { hostRaw: 'bar.alt' }, true],
  ['HostRegexp(`{x:[0-9]{2}}.count`)', { hostRaw: '12.count' }, true],
  ['Path(`/a`, `/b`)', { routingPath: '/b' }, true],
  ['Path(`/items/{id:[0-9]+}`)', { routingPath: '/items/12' }, true],
  ['Path(`/items/{id:[0-9]+}`)', { routingPath: '/items/12/' }, false],
  ['Path(`/any/{name}`)', { routingPath: '/any/x.y' }, true],
  ['Path(`/any/{name}`)', { routingPath: '/any/x/y' }, false],
  ['Path(`/{lang:en|de}/{page:[a-z]+}.html`)', { routingPath: '/de/x.html' }, true],
  ['Path(`/dot.x`)', { routingPath: '/dotyx' }, false],
  ['PathPrefix(`/pre`, `/other/`)', { routingPath: '/prefix' }, true],
  ['PathPrefix(`/{v:v[0-9]}/api`)', { routingPath: '/v1/api/x' }, true],
  ['PathPrefix(`/{v:v[0-9]}/api`)', { routingPath: '/x/v1/api' }, false],
  ['Method(`GET`, `post`)', { method: 'POST' }, true],
  [
    'Headers(`X-A`, `1`, `x-b`, `2`)',
    {
      headers: [
        ['x-a', '1'],
        ['x-b', '2'],
      ],
    },
    true,
  ],
  ['Headers(`X-A`, `1`, `x-b`, `2`)', { headers: [['x-a', '1']] }, false],
  [
    'HeadersRegexp(`X-A`, `^1`, `X-B`, `2$`)',
    {
      headers: [
        ['x-a', '12'],
        ['x-b', '12'],
      ],
    },
    true,
  ],
  ['HeadersRegexp(`X-A`, `^1`, `X-B`, `2$`)', { headers: [['x-a', '12']] }, false],
  ['Query(`k=v`)', { rawQuery: 'k=v&k=w' }, true],
  ['Query(`k=v`)', { rawQuery: 'k=w&k=v' }, false],
  ['Query(`a=1`, `b=2`)', { rawQuery: 'b=2&a=1' }, true],
  ['Query(`a=1`, `b=2`)', { rawQuery: 'a=1' }, false],
  ['Query(`id={id:[0-9]+}`)', { rawQuery: 'id=12' }, true],
  ['Query(`id={id:[0-9]+}`)', { rawQuery: 'id=x' }, false],
  ['Query(`k=`)', { rawQuery: 'k=anything' }, true],
  ['Query(`k=`)', { rawQuery: 'k' }, true],
  ['Query(`k=`)', { rawQuery: 'x=1' }, false],
  ['ClientIP(`127.0.0.2`, `127.0.1.0/24`)', { clientIp: '127.0.1.9' }, true],
]

for (const [rule, request, expected] of v3Cases) {
  test(`v3 ${rule} ${expected ? 'takes' : 'leaves'} ${JSON.stringify(request)}`, () => {
    assert.equal(compileMatcher(sound(rule, 'http', 'v3'))(inputOf(request)), expected)
  })
}

for (const [rule, request, expected] of v2Cases) {
  test(`v2 ${rule} ${expected ? 'takes' : 'leaves'} ${JSON.stringify(request)}`, () => {
    assert.equal(compileMatcher(sound(rule, 'http', 'v2'))(inputOf(request)), expected)
  })
}

const tcpCases: readonly (readonly [rule: string, syntax: 'v2' | 'v3', connection: Partial<TcpMatchInput>, expected: boolean])[] = [
  ['HostSNI(`*`)', 'v3', {}, true],
  ['HostSNI(`UPPER.local`)', 'v3', { sni: 'upper.local' }, true],
  ['HostSNI(`a.local.`)', 'v3', { sni: 'a.local' }, true],
  ['HostSNI(`a.local`)', 'v3', {}, false],
  ['HostSNI(`*.wild.local`)', 'v3', { sni: 'x.wild.local' }, true],
  ['HostSNI(`*.wild.local`)', 'v3', { sni: 'x.y.wild.local' }, false],
  ['!HostSNI(`not.local`)', 'v3', { sni: 'yes.local' }, true],
  ['HostSNIRegexp(`^r[0-9]+\\.local$`)', 'v3', { sni: 'r12.local' }, true],
  ['HostSNI(`a`) && ALPN(`own/1`)', 'v3', { sni: 'a', alpn: ['h2', 'own/1'] }, true],
  ['ALPN(`own/1`)', 'v3', { alpn: ['h2'] }, false],
  ['HostSNI(`*`) && ClientIP(`127.0.5.0/24`)', 'v3', { clientIp: '127.0.5.77' }, true],
  ['HostSNI(`a`, `B`)', 'v2', { sni: 'b' }, true],
  ['HostSNI(`a`, `*`)', 'v2', {}, false],
  ['HostSNI(`a`, `*`)', 'v2', { sni: 'c' }, true],
  ['HostSNI(`*`, `a`)', 'v2', {}, true],
  ['HostSNIRegexp(`{x:[a-z]+}.local`, `fix.local`)', 'v2', { sni: 'fix.local' }, true],
  ['HostSNIRegexp(`{x}.local`)', 'v2', { sni: 'a.b.local' }, false],
  ['ALPN(`a`, `b`)', 'v2', { alpn: ['b'] }, true],
]

for (const [rule, syntax, connection, expected] of tcpCases) {
  test(`tcp ${syntax} ${rule} ${expected ? 'takes' : 'leaves'} ${JSON.stringify(connection)}`, () => {
    assert.equal(compileTcpMatcher(sound(rule, 'tcp', syntax))({ sni: '', clientIp: '127.0.0.1', alpn: [], ...connection }), expected)
  })
}

const failures: readonly (readonly [rule: string, request: Request, failure: string | null])[] = [
  ['Host(`a.local`)', {}, null],
  ['Host(`b.local`) && Path(`/`)', {}, 'Host(`b.local`)'],
  ['Host(`a.local`) && !Path(`/`) && Method(`PUT`)', {}, '!Path(`/`)'],
  ['Host(`a.local`) && (Path(`/x`) || Path(`/y`))', {}, 'Path(`/x`) || Path(`/y`)'],
]

for (const [rule, request, failure] of failures) {
  test(`the first failure of ${rule} is ${failure ?? 'none'}`, () => {
    assert.equal(firstFailure(sound(rule, 'http', 'v3'), inputOf(request)), failure)
  })
}

test('a port is taken off as Go takes it off', () => {
  const hosts = ['a', 'a:80', 'a:', 'a:80:80', '[::1]', '[::1]:80', '[::1]:80:1', '::1', '[a', '']
  assert.deepEqual(hosts.map(stripPort), ['a', 'a', 'a', 'a:80:80', '[::1]', '::1', '[::1]:80:1', '::1', '[a', ''])
})

test('parameters are found as URLSearchParams finds them', () => {
  const piece = fc.constantFrom('a', 'b', '=', '&', '+', '%61', '%26', '%3D', '')
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.constantFrom('a', 'ab', 'a b', 'b'),
      (query, key) => {
        const found: string[] = []
        for (let at = seekPair(query, key, 0); at >= 0; at = seekPair(query, key, at)) found.push(pairValue())
        assert.deepEqual(found, new URLSearchParams(query).getAll(key))
      },
    ),
    { numRuns: 2000 },
  )
})
