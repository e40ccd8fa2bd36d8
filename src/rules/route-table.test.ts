import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { MatchInput } from './match-input.ts'
import { compileMatcher } from './matcher.ts'
import { parseRule } from './parser.ts'
import { sortSteps } from './route-order.ts'
import { buildRouteTable, buildRouteTableSteps } from './route-table.ts'
import type { RouteEntry } from './route-table.ts'

function entryOf(slot: number, rule: string, rest: Partial<RouteEntry & { syntax: 'v2' | 'v3' }> = {}): RouteEntry {
  const { syntax = 'v3', ...fields } = rest
  const node = parseRule(rule, { protocol: 'http', syntax })
  return { slot, rule: node, priority: BigInt(Buffer.byteLength(rule)), precedence: 0, name: `r${slot}`, ...fields }
}

/** An input that counts how often it is looked at. */
class CountingInput implements MatchInput {
  readonly method = 'GET'
  readonly host: string
  readonly hostRaw: string
  readonly rawQuery = ''
  readonly clientIp = '127.0.0.1'
  readonly flatHost: string
  readonly #path: string
  looks = 0

  constructor(host: string, path: string, flatHost = '') {
    this.host = host
    this.hostRaw = host
    this.flatHost = flatHost
    this.#path = path
  }

  get routingPath(): string {
    this.looks += 1
    return this.#path
  }

  headerValues(): readonly string[] {
    return []
  }
}

/** What the table must answer: the first match of a scan in order. */
function scan(routes: readonly RouteEntry[], input: MatchInput): number {
  const ordered = routes.toSorted((a, b) => {
    if (a.priority !== b.priority) return a.priority > b.priority ? -1 : 1
    return a.precedence - b.precedence || (a.name < b.name ? -1 : 1)
  })
  return ordered.find(({ rule }) => rule !== null && compileMatcher(rule)(input))?.slot ?? -1
}

test('the highest priority wins, then precedence, then the name', () => {
  const big = 9_007_199_254_740_992n
  const routes = [
    entryOf(1, 'Host(`a`)', { priority: big }),
    entryOf(2, 'Host(`a`)', { priority: big + 1n, precedence: 2, name: 'z' }),
    entryOf(3, 'PathPrefix(`/`)', { priority: big + 1n, precedence: 1, name: 'y' }),
    entryOf(4, 'HostRegexp(`a`)', { priority: big + 1n, precedence: 1, name: 'x' }),
    entryOf(5, 'Host(`a`)', { priority: -5n }),
  ]
  const table = buildRouteTable(routes)
  assert.deepEqual(
    table.entries.map(({ slot }) => slot),
    [4, 3, 2, 1, 5],
  )
  assert.equal(table.match(new CountingInput('a', '/')), 4)
  assert.equal(buildRouteTable(routes.slice(0, 2)).match(new CountingInput('a', '/')), 2)
})

test('a rule that cannot be read, or whose matchers take no such arguments, matches nothing', () => {
  const routes = [
    entryOf(1, 'Host(`a`)', { rule: null, priority: 9n }),
    entryOf(2, 'Host(`a`) || Path(`nope`)', { priority: 8n }),
    entryOf(3, 'Host(`a`)', { priority: 7n }),
  ]
  const table = buildRouteTable(routes)
  assert.equal(table.match(new CountingInput('a', '/')), 3)
  assert.equal(table.match(new CountingInput('b', '/')), -1)
  assert.equal(table.entries.length, 3)
})

test('an empty table matches nothing', () => assert.equal(buildRouteTable([]).match(new CountingInput('a', '/')), -1))

test('a match can be repeated', () => {
  const table = buildRouteTable([entryOf(1, 'Host(`a`)'), entryOf(2, 'PathPrefix(`/x`)', { priority: 99n })])
  for (const expected of [2, 2]) assert.equal(table.match(new CountingInput('a', '/x')), expected)
  assert.equal(table.match(new CountingInput('a', '/')), 1)
  assert.equal(table.match(new CountingInput('b', '/')), -1)
})

function hostRoutes(count: number): RouteEntry[] {
  return Array.from({ length: count }, (_, i) =>
    entryOf(i, i % 3 === 0 ? `Host(\`h${i}.local\`)` : `Host(\`h${i}.local\`) && PathPrefix(\`/api\`)`),
  )
}

for (const count of [1, 100, 101, 10_000]) {
  test(`of ${count} hosts each is found, at the same cost`, () => {
    const table = buildRouteTable(hostRoutes(count))
    for (let i = 0; i < count; i += Math.ceil(count / 200)) {
      const input = new CountingInput(`h${i}.local`, '/api/x')
      assert.equal(table.match(input), i)
      assert.ok(input.looks <= 4)
    }
    const stranger = new CountingInput('h.local', '/api')
    assert.equal(table.match(stranger), -1)
    assert.ok(stranger.looks <= 2)
  })
}

test('of 10,000 paths on one host only those that can match are tried', () => {
  const routes = Array.from({ length: 10_000 }, (_, i) =>
    entryOf(i, i % 2 === 0 ? `Host(\`a\`) && Path(\`/p${i}/x\`)` : `Host(\`a\`) && PathPrefix(\`/p${i}/\`)`),
  )
  const table = buildRouteTable([...routes, entryOf(10_000, 'Host(`a`)')])
  for (const i of [0, 1, 4999, 5000, 9999]) {
    const input = new CountingInput('a', `/p${i}/x`)
    assert.equal(table.match(input), i)
    assert.ok(input.looks <= 4)
  }
  assert.equal(table.match(new CountingInput('a', '/q')), 10_000)
})

test('a table is built in many small steps, and gives the same answers', () => {
  const steps = buildRouteTableSteps(hostRoutes(10_000))
  let count = 0
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) count += 1
  assert.ok(count > 500)
  assert.equal(step.value.match(new CountingInput('h7777.local', '/api')), 7777)
})

const hosts = ['a', 'b.a', 'c.b.a', '*.a', '*.b.a', '*', 'a.', 'b.a.', '*.a.', '.a', '..']
const paths = ['/', '/x', '/x/', '/x/y', '/xy', '/x/yz', '/y']
const matchers = [
  ...hosts.map((host) => `Host(\`${host}\`)`),
  ...paths.flatMap((path) => [`Path(\`${path}\`)`, `PathPrefix(\`${path}\`)`]),
  'HostRegexp(`^.\\.a`)',
  'PathRegexp(`y$`)',
  'Method(`GET`)',
  'Method(`PUT`)',
]
const v2Matchers = [
  'Host(`a`, `b.a.`)',
  'HostHeader(`b.a`)',
  'Path(`/x`, `/y`)',
  'Path(`/x/{n}`)',
  'PathPrefix(`/{n:x+}`, `/y`)',
  'HostRegexp(`{n}.a`)',
]

function ruleOf(pool: readonly string[]): fc.Arbitrary<string> {
  const { rule } = fc.letrec<{ rule: string }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...pool),
      fc.tuple(fc.constantFrom('&&', '||'), tie('rule'), tie('rule')).map(([operator, a, b]) => `(${a} ${operator} ${b})`),
      tie('rule').map((inner) => `!${inner}`),
    ),
  }))
  return rule
}

const entries = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 4, arbitrary: ruleOf(matchers).map((rule) => ({ rule, syntax: 'v3' as const })) },
        { weight: 1, arbitrary: ruleOf(v2Matchers).map((rule) => ({ rule, syntax: 'v2' as const })) },
      ),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 2 }),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((list) =>
    list.map(([{ rule, syntax }, priority, precedence], slot) => entryOf(slot, rule, { syntax, priority: BigInt(priority), precedence })),
  )
const requestHosts = ['', 'a', 'a.', 'a..', 'b.a', 'b.a.', 'c.b.a', 'd', '.a', '.', '..', 'x.b.a.']
const requests = fc.tuple(
  fc.constantFrom(...requestHosts),
  fc.constantFrom(...paths, '/x/y/z', ''),
  fc.constantFrom('', '', '', 'a', 'b.a.'),
)

test('the index answers as a scan of all routes does', () => {
  fc.assert(
    fc.property(entries, fc.array(requests, { minLength: 1, maxLength: 10 }), (routes, list) => {
      const table = buildRouteTable(routes)
      for (const [host, path, flatHost] of list) {
        const input = new CountingInput(host, path, flatHost)
        assert.equal(table.match(input), scan(routes, input))
      }
    }),
    { numRuns: 1000 },
  )
})

test('sorting in steps is a stable sort', () => {
  const items = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.nat()), { maxLength: 1000, size: 'max' })
  fc.assert(
    fc.property(items, (list) => {
      const steps = sortSteps(list, (a, b) => a[0] - b[0])
      let step = steps.next()
      while (step.done !== true) step = steps.next()
      assert.deepEqual(
        step.value,
        list.toSorted((a, b) => a[0] - b[0]),
      )
    }),
    { numRuns: 100 },
  )
})
