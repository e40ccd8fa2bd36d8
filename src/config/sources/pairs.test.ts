import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { installConfiguration } from '../install/install.ts'
import { decodeTree } from '../schema/decode.ts'
import { nodeOf } from '../schema/inspect.ts'
import type { SchemaNode } from '../schema/inspect.ts'
import { Branch } from '../schema/raw.ts'
import { readEnvironment } from './environment.ts'
import { readFlags } from './flags.ts'
import { decodeKv } from './kv.ts'
import { decodeLabels } from './labels.ts'
import { mergeTrees } from './merge.ts'
import { SourceError } from './source-error.ts'
import { buildTextTree, splitPath } from './text-tree.ts'

const schema = nodeOf(installConfiguration)

test('paths are split at dots and brackets', () => {
  assert.deepEqual(splitPath('a.b[0].c[1][2]'), ['a', 'b', '[0]', 'c', '[1]', '[2]'])
  assert.deepEqual(splitPath('[0]'), ['[0]'])
  assert.deepEqual(splitPath('a..b'), ['a', '', 'b'])
})

test('names that differ in case only are one member, called by the spelling that sorts first', () => {
  const pairs = [
    { path: ['x', 'web', 'a'], value: '1', label: '' },
    { path: ['X', 'Web', 'b'], value: '2', label: '' },
    { path: ['x', 'web'], value: 'true', label: '' },
  ]
  const tree = buildTextTree(pairs)
  assert.deepEqual(Object.keys(tree), ['X'])
  const web = (tree['X'] as Record<string, unknown>)['Web']
  assert.ok(web instanceof Branch)
  assert.equal(web.value, 'true')
  assert.deepEqual({ ...web.members }, { b: '2', a: '1' })
})

test('R49: empty names and deep paths are errors', () => {
  assert.throws(() => buildTextTree([{ path: ['a', ''], value: '', label: 'a.' }]), SourceError)
  const deep = `traefik.http.${'a.'.repeat(100_000)}b`
  assert.match(decodeLabels({ [deep]: '' }).problems[0]?.message ?? '', /nested deeper than 64 levels/)
  assert.equal(decodeKv({ [`traefik/${'a/'.repeat(100_000)}b`]: '' }, 'traefik').routing, undefined)
})

describe('labels', () => {
  test('a container with router, service and middleware', () => {
    const { routing, problems } = decodeLabels({
      'traefik.enable': 'true',
      'other.label': 'x',
      'traefik.HTTP.routers.Web.rule': 'Host(`a`)',
      'traefik.http.routers.web.entrypoints': 'web, secure',
      'traefik.http.routers.web.tls': 'true',
      'traefik.http.routers.web.tls.domains[1].main': 'b',
      'traefik.http.routers.web.tls.domains[0].main': 'a',
      'traefik.http.routers.web.priority': '9223372036854774807',
      'traefik.http.services.s.loadbalancer.server.port': '80',
      'traefik.http.services.s.loadbalancer.sticky.cookie': '',
      'traefik.http.middlewares.m.headers.customrequestheaders.X-A': 'b, c',
    })
    assert.deepEqual(problems, [])
    const router = routing?.http?.routers['Web']
    assert.equal(router?.rule, 'Host(`a`)')
    assert.deepEqual(router.entryPoints, ['web', 'secure'])
    assert.deepEqual(
      router.tls?.domains.map((domain) => domain.main),
      ['a', 'b'],
    )
    assert.equal(router.priority, 9223372036854774807n)
    assert.equal(routing?.http?.services['s']?.loadBalancer?.servers[0]?.port, '80')
    assert.equal(routing?.http?.services['s']?.loadBalancer?.sticky?.cookie?.path, '/')
    assert.equal(routing?.http?.middlewares['m']?.headers?.customRequestHeaders['X-A'], 'b, c')
  })
  const bad: readonly (readonly [label: string, value: string, message: RegExp])[] = [
    ['Traefik.http.routers.a.rule', 'x', /invalid label root Traefik/],
    ['traefik.httpx.y', '1', /field not found, node: httpx/],
    ['traefik.http.routers.a.rul', 'x', /field not found, node: rul/],
    ['traefik.http.routers..rule', 'x', /empty name/],
    ['traefik.http.services.a.loadbalancer.servers[0].url', 'x', /field not found, node: servers/],
    ['traefik.http.middlewares.m.addprefix', 'x', /addprefix cannot be a standalone element/],
    ['traefik.http.middlewares.m.headers.framedeny', 'yes', /ParseBool: parsing "yes"/],
  ]
  for (const [label, value, message] of bad) {
    test(`${label} is an error for the whole container`, () => {
      const { routing, problems } = decodeLabels({ [label]: value, 'traefik.http.routers.b.rule': 'x' })
      assert.equal(routing, undefined)
      assert.match(problems[0]?.message ?? '', message)
    })
  }
  test('what labels cannot set is dropped', () => {
    const { routing, problems } = decodeLabels({
      'traefik.http.routers.a.parentRefs': 'x',
      'traefik.http.services.a.weighted.services[0].name': 'x',
      'traefik.http.routers.a.tls': 'false',
      'traefik.http.routers.a.tls.options': 'o',
    })
    assert.deepEqual(problems, [])
    assert.deepEqual(routing?.http?.routers['a']?.parentRefs, [])
    assert.equal(routing?.http?.routers['a']?.tls, undefined)
    assert.equal(routing?.http?.services['a']?.weighted, undefined)
  })
  test('R49: any names and values give an answer', () => {
    const label = fc.array(
      fc.constantFrom('http', 'routers', 'a', '[0]', '__proto__', 'constructor', 'tls', 'rule', '', 'prototype', 'services'),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(label, fc.string()), { maxLength: 5 }), (labels) => {
        const decoded = decodeLabels(Object.fromEntries(labels.map(([parts, value]) => [`traefik.${parts.join('.')}`, value])))
        assert.ok(decoded.routing !== undefined || decoded.problems.length > 0)
        assert.equal(({} as Record<string, unknown>)['rule'], undefined)
      }),
    )
  })
})

test('KV pairs: folders, lists, numbers in the order in which they sort', () => {
  const { routing, problems } = decodeKv(
    {
      'traefik/http/routers/a/': '',
      'traefik/http/routers/a/rule': 'Host(`a`)',
      'traefik/http/routers/a/entryPoints/10': 'c',
      'traefik/http/routers/a/entryPoints/2': 'b',
      'traefik/http/routers/a/middlewares': 'x, y',
      'traefik/http/routers/a/tls': 'true',
      'traefik/http/services/s/loadBalancer/servers/0/url': 'http://a',
      'traefik/http/services/s/loadBalancer/servers/1/url': 'http://b',
      'traefik/tls/certificates/0/certFile': 'c',
      'other/http/routers/b/rule': 'x',
    },
    'traefik/',
  )
  assert.deepEqual(problems, [])
  assert.deepEqual(routing?.http?.routers['a']?.entryPoints, ['c', 'b'])
  assert.deepEqual(routing?.http?.routers['a']?.middlewares, ['x', 'y'])
  assert.deepEqual(routing?.http?.routers['a']?.tls?.domains, [])
  assert.deepEqual(
    routing?.http?.services['s']?.loadBalancer?.servers.map((server) => server.url),
    ['http://a', 'http://b'],
  )
  assert.equal(routing?.tls?.certificates[0]?.certFile, 'c')
  assert.equal(decodeKv({}, 'traefik').routing?.http, undefined)
})

describe('flags', () => {
  const values = (...argv: string[]) => Object.fromEntries(readFlags(argv, schema).pairs.map((pair) => [pair.path.join('.'), pair.value]))
  const cases: readonly (readonly [name: string, argv: string[], expected: Record<string, string>])[] = [
    ['two dashes and one', ['--ping', '-api.insecure'], { 'ping': 'true', 'api.insecure': 'true' }],
    [
      'a value behind the sign or in the next argument',
      ['--log.level=DEBUG', '--log.format', 'json'],
      { 'log.level': 'DEBUG', 'log.format': 'json' },
    ],
    ['a value may begin with a dash', ['--log.filePath', '--x'], { 'log.filePath': '--x' }],
    ['an empty value', ['--log.level='], { 'log.level': '' }],
    ['a value with a sign', ['--log.filePath=a=b'], { 'log.filePath': 'a=b' }],
    ['the last of a text counts', ['--log.level=INFO', '--LOG.level=WARN'], { 'log.level': 'WARN' }],
    [
      'lists are joined',
      ['--accessLog.filters.statusCodes=200', '--accesslog.filters.statuscodes=404,405'],
      { 'accessLog.filters.statusCodes': '200,404,405' },
    ],
    ['two dashes alone end the flags', ['--ping', '--', '--api'], { ping: 'true' }],
  ]
  for (const [name, argv, expected] of cases) test(name, () => assert.deepEqual(values(...argv), expected))
  test('what is no flag ends them with a warning', () => {
    const { pairs, problems } = readFlags(['--api.insecure', 'true', '--ping'], schema)
    assert.equal(pairs.length, 1)
    assert.deepEqual(
      problems.map((problem) => problem.severity),
      ['warning'],
    )
  })
  test('bad syntax and missing values are errors', () => {
    const messages = readFlags(['---x', '--=5', '--log.level'], schema).problems.map((problem) => problem.message)
    assert.deepEqual(messages, ['bad flag syntax: ---x', 'bad flag syntax: --=5', 'flag needs an argument: --log.level'])
  })
})

describe('environment', () => {
  test('known sections only, and the prefix in upper case', () => {
    const env = {
      TRAEFIK_ENTRYPOINTS_Web_ADDRESS: ':80',
      TRAEFIK_NONSENSE: '1',
      TRAEFIK_PINGS: '1',
      traefik_api: 'true',
      PATH: '/bin',
      TRAEFIK_API: undefined,
    }
    const pairs = readEnvironment(env, schema)
    assert.deepEqual(pairs, [
      { path: ['entrypoints', 'web', 'address'], value: ':80', label: 'TRAEFIK_ENTRYPOINTS_Web_ADDRESS' },
      { path: ['pings'], value: '1', label: 'TRAEFIK_PINGS' },
    ])
  })
  test('TIDEGATE_ goes before TRAEFIK_, and its other variables are none of the configuration', () => {
    const pairs = readEnvironment({ TIDEGATE_LOG_LEVEL: 'INFO', TRAEFIK_LOG_LEVEL: 'DEBUG', TIDEGATE_TRANSPORT: 'socket' }, schema)
    assert.deepEqual(
      pairs.map((pair) => pair.label),
      ['TIDEGATE_LOG_LEVEL'],
    )
  })
})

/** Scalar options with a path that flags and variables can spell, and texts that fit them. */
const settings = fc
  .uniqueArray(fc.constantFrom(...scalarOptions(schema, [])), { selector: (option) => option.path.join('.'), minLength: 1, maxLength: 5 })
  .chain((options) => fc.tuple(...options.map((option) => valueFor(option.node).map((value) => ({ path: option.path, value })))))

test('flags, variables and files with the same options give the same configuration', () => {
  fc.assert(
    fc.property(settings, (options) => {
      const file: Record<string, unknown> = {}
      for (const { path, value } of options) put(file, path, value)
      const expected = decodeTree(installConfiguration, file, { source: 'file' })
      const flags = readFlags(
        options.map(({ path, value }) => `--${path.join('.').toUpperCase()}=${value}`),
        schema,
      )
      const fromFlags = decodeTree(installConfiguration, buildTextTree(flags.pairs), { source: 'flags' })
      const env = Object.fromEntries(options.map(({ path, value }) => [`TRAEFIK_${path.join('_').toUpperCase()}`, value]))
      const fromEnv = decodeTree(installConfiguration, buildTextTree(readEnvironment(env, schema)), { source: 'environment' })
      assert.deepEqual(
        expected.problems.filter((problem) => problem.severity === 'error'),
        [],
      )
      assert.deepEqual(lowerNames(fromFlags.value), lowerNames(expected.value))
      assert.deepEqual(fromEnv.value, expected.value)
    }),
  )
})

interface Option {
  readonly path: readonly string[]
  readonly node: SchemaNode
}

function scalarOptions(node: SchemaNode, path: readonly string[]): Option[] {
  if (node.kind === 'object') {
    return Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
      child.hidden === true ? [] : scalarOptions(child, [...path, name]),
    )
  }
  if (node.kind === 'map' && node.item !== undefined) return scalarOptions(node.item, [...path, 'some'])
  if (node.kind === 'any' || (node.kind === 'list' && node.items?.kind !== 'text')) return []
  return [{ path, node }]
}

function valueFor(node: SchemaNode): fc.Arbitrary<string> {
  switch (node.kind) {
    case 'bool':
      return fc.constantFrom('true', 'false', '1', 'F')
    case 'int':
      return fc.nat({ max: 1000 }).map(String)
    case 'bigint':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
    case 'float':
      return fc.constantFrom('0.5', '1', '1e3')
    case 'duration':
      return fc.constantFrom('5', '1m30s', '100ms', '-1s')
    case 'list':
      return fc.array(fc.constantFrom('a', 'b c', '1')).map((items) => items.join(','))
    default:
      return fc.constantFrom('x', 'true', '5', 'a,b', 'Host(`x`)')
  }
}

function put(tree: Record<string, unknown>, path: readonly string[], value: string): void {
  let members = tree
  for (const name of path.slice(0, -1)) members = (members[name] ??= {}) as Record<string, unknown>
  members[path.at(-1) ?? ''] = value
}

/** Free names are as the user wrote them, so that those of upper-case flags are made lower here. */
function lowerNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerNames)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key === 'SOME' ? 'some' : key, lowerNames(member)]))
}

describe('merging', () => {
  const cases: readonly (readonly [name: string, base: unknown, over: unknown, expected: unknown])[] = [
    ['options are joined', { log: { level: 'INFO' } }, { log: { format: 'json' } }, { log: { level: 'INFO', format: 'json' } }],
    ['the later one wins, whatever the letter case', { Log: { LEVEL: 'INFO' } }, { log: { level: 'WARN' } }, { log: { level: 'WARN' } }],
    [
      'lists are replaced',
      { providers: { precedence: ['a', 'b'] } },
      { providers: { precedence: 'c' } },
      { providers: { precedence: 'c' } },
    ],
    [
      'names are kept as first written',
      { entryPoints: { Web: { address: ':1' } } },
      { entryPoints: { web: { address: ':2' } } },
      { entryPoints: { Web: { address: ':2' } } },
    ],
    ['nothing changes nothing', { ping: {} }, { ping: null }, { ping: {} }],
    ['unknown names stay for the decoder', { a: { b: 1 } }, { a: { c: 2 } }, { a: { c: 2 } }],
  ]
  for (const [name, base, over, expected] of cases) {
    test(name, () => assert.equal(JSON.stringify(mergeTrees(schema, base, over)), JSON.stringify(expected)))
  }
  test('an object can be switched on and off', () => {
    const off = mergeTrees(schema, { ping: { entryPoint: 'web' } }, { ping: 'false' })
    assert.equal(decodeTree(installConfiguration, off, { source: 'flags' }).value.ping, undefined)
    const on = mergeTrees(schema, { ping: { entryPoint: 'web' } }, { ping: 'true' })
    assert.equal(decodeTree(installConfiguration, on, { source: 'flags' }).value.ping?.entryPoint, 'web')
  })
})
