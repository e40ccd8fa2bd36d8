import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeForTest, installForTest } from '../../test/support/config.ts'
import { BoardAllocator } from '../board/allocator.ts'
import { createBoard } from '../board/board.ts'
import { decodeRouting } from '../config/routing/decode-routing.ts'
import type { GlobalPlan, LoadBalancerPlan } from '../generation/plan.ts'
import { systemClock } from '../std/clock.ts'
import { silentLogger } from '../std/log.ts'
import { Aggregator } from './aggregator.ts'
import type { Snapshot } from './merge.ts'
import { SharedMemory } from './middleware-plans.ts'
import { differenceOf } from './publisher.ts'
import { type ResolveContext, type Resolved, resolve, type ResolveInput } from './resolve.ts'
import { rememberingRuleCheck } from './rule-check.ts'
import { TlsMaterial } from './tls-material.ts'

const board = createBoard({ rows: 2, counters: 4096, gauges: 4096, cells: 4096 })
const places = new BoardAllocator(board, () => 0)
const tls = new TlsMaterial(systemClock, silentLogger, () => {})
const global: GlobalPlan = {
  hostname: 'test',
  accessLog: null,
  passRequestTrailers: false,
  hostResolver: null,
  lifeCycle: { terminatingStatus: 503 },
}

function resolveTexts(install: string, routings: Readonly<Record<string, string>>): Resolved {
  return resolveSnapshots(
    install,
    Object.entries(routings).map(([provider, text]) => ({ provider, routing: decodeForTest(text), locate: () => ({}) })),
  )
}

function resolveSnapshots(install: string, snapshots: readonly Snapshot[]): Resolved {
  const input: ResolveInput = {
    generation: 1,
    install: installForTest(install),
    entryPoints: [],
    global,
    snapshots,
    unbuilt: [],
    providers: [],
  }
  return resolve(input, resolveContext())
}

function resolveContext(): ResolveContext {
  return {
    board,
    places,
    readFile: () => undefined,
    tls,
    memory: new SharedMemory(),
    readMiddlewareFiles: (_kind, options) => ({ options }),
    checkRule: rememberingRuleCheck(),
  }
}

const web = 'entryPoints: {web: {address: ":80"}}'
const service = 'services: {s: {loadBalancer: {servers: [{url: "http://127.0.0.1:1"}]}}}'

const routerErrors: readonly { name: string; routers: string; more?: string; errors: readonly string[] }[] = [
  { name: 'an unknown service', routers: 'r: {rule: "Host(`a`)", service: nope}', errors: ['the service "nope@file" does not exist'] },
  { name: 'no service', routers: 'r: {rule: "Host(`a`)"}', errors: ['router has no service and no child routers'] },
  {
    name: 'an unknown middleware',
    routers: 'r: {rule: "Host(`a`)", service: s, middlewares: [m]}',
    errors: ['middleware "m@file" does not exist'],
  },
  {
    name: 'unknown entry points',
    routers: 'r: {rule: "Host(`a`)", service: s, entryPoints: [x]}',
    errors: ['entryPoint "x" doesn\'t exist', 'no valid entryPoint for this router'],
  },
  { name: 'an internal service that is off', routers: 'r: {rule: "Host(`a`)", service: ping@internal}', errors: ['ping is not enabled'] },
  {
    name: 'an unknown parent',
    routers: 'r: {rule: "Host(`a`)", service: s, parentRefs: [p]}',
    errors: ['parent router "p@file" does not exist', 'router is not reachable'],
  },
]

for (const { name, routers, errors } of routerErrors) {
  test(`a router with ${name} is disabled and says why`, () => {
    const { state, plans } = resolveTexts(web, { file: `http: {routers: {${routers}}, ${service}}` })
    const info = state.routers.get('r@file')
    assert.equal(info?.status, 'disabled')
    assert.deepEqual(info?.errors, errors)
    assert.equal(plans.router.get('r@file')?.disabled, errors[0])
  })
}

test('findings name the path and the nearest known name', () => {
  const { state } = resolveTexts(web, { file: `http: {routers: {r: {rule: "Host(\`a\`)", service: ss}}, ${service}}` })
  const detail = state.routers.get('r@file')?.details[0]
  assert.equal(detail?.path, 'http.routers.r.service')
  assert.equal(detail?.nearest, 's')
})

test('findings name the place of the option, not only of the object', () => {
  const text =
    'http:\n  services:\n    s:\n      loadBalancer:\n        servers:\n          - url: http://ok\n          - url: "127.0.0.1:80"\n'
  const { routing, locate } = decodeRouting(text, 'yaml', { file: 'r.yml' })
  const { state } = resolveSnapshots(web, [{ provider: 'file', routing: routing ?? {}, locate }])
  const detail = state.services.get('s@file')?.details[0]
  assert.deepEqual([detail?.file, detail?.line], ['r.yml', 7])
})

test('a cycle of chains, of services and of routers ends in an error, not in recursion', () => {
  const { state } = resolveTexts(web, {
    file: `
http:
  routers:
    a: {rule: "Host(\`a\`)", service: s, middlewares: [one]}
    b: {rule: "Host(\`b\`)", service: left}
    c: {rule: "Host(\`c\`)", parentRefs: [d]}
    d: {rule: "Host(\`d\`)", parentRefs: [c]}
  middlewares: {one: {chain: {middlewares: [two]}}, two: {chain: {middlewares: [one]}}}
  services:
    s: {loadBalancer: {servers: [{url: "http://127.0.0.1:1"}]}}
    left: {weighted: {services: [{name: right}]}}
    right: {weighted: {services: [{name: left}]}}
`,
  })
  assert.match(state.routers.get('a@file')?.errors[0] ?? '', /recursion detected in one@file->two@file->one@file/)
  assert.match(state.routers.get('b@file')?.errors[0] ?? '', /recursion detected/)
  assert.ok(state.routers.get('c@file')?.errors.includes('router is not reachable'))
})

test('chains are laid flat, entry point middlewares come first', () => {
  const { plans } = resolveTexts('entryPoints: {web: {address: ":80", http: {middlewares: [first@file]}}}', {
    file: `
http:
  routers: {r: {rule: "Host(\`a\`)", service: s, middlewares: [all]}}
  middlewares:
    first: {addPrefix: {prefix: /1}}
    second: {addPrefix: {prefix: /2}}
    third: {addPrefix: {prefix: /3}}
    all: {chain: {middlewares: [second, inner]}}
    inner: {chain: {middlewares: [third]}}
  ${service}
`,
  })
  assert.deepEqual(plans.router.get('r@file')?.middlewares, ['first@file', 'second@file', 'third@file'])
})

test('a router on several entry points is split where one of them has a model', () => {
  const { state } = resolveTexts(
    'entryPoints: {a: {address: ":1"}, b: {address: ":2", http: {middlewares: [m@file]}}, c: {address: ":3"}}',
    {
      file: `http: {routers: {r: {rule: "Host(\`a\`)", service: s}}, middlewares: {m: {addPrefix: {prefix: /x}}}, ${service}}`,
    },
  )
  assert.deepEqual(state.routers.get('r@file')?.using, ['a', 'c'])
  assert.deepEqual(state.routers.get('b-r@file')?.using, ['b'])
})

test('references stay in their provider unless they name another', () => {
  const { state } = resolveTexts(web, {
    file: `http: {routers: {own: {rule: "Host(\`a\`)", service: other}, far: {rule: "Host(\`b\`)", service: other@rest}}, ${service}}`,
    rest: 'http: {services: {other: {loadBalancer: {servers: [{url: "http://127.0.0.1:2"}]}}}}',
  })
  assert.equal(state.routers.get('own@file')?.status, 'disabled')
  assert.equal(state.routers.get('far@file')?.status, 'enabled')
})

test('a difference holds only what changed', () => {
  const routing = (url: string): string =>
    `http: {routers: {r: {rule: "Host(\`a\`)", service: s}}, services: {s: {loadBalancer: {servers: [{url: "${url}"}]}}, t: {loadBalancer: {servers: [{url: "http://127.0.0.1:9"}]}}}}`
  const before = resolveTexts(web, { file: routing('http://127.0.0.1:1') })
  const after = resolveTexts(web, { file: routing('http://127.0.0.1:2') })
  assert.deepEqual(
    differenceOf(before.plans, after.plans).map(({ kind, key }) => `${kind} ${key}`),
    ['service s@file'],
  )
  assert.deepEqual(differenceOf(after.plans, after.plans), [])
})

/** Steps of a configuration that changes in all the ways that matter to what is taken over from the generation before. */
const steps: readonly { readonly name: string; readonly routers?: string; readonly services?: string; readonly more?: string }[] = [
  { name: 'the beginning' },
  { name: 'nothing' },
  { name: 'a server', services: 's: {loadBalancer: {servers: [{url: "http://127.0.0.1:9"}]}}' },
  { name: 'a service that fails', services: 's: {loadBalancer: {servers: [{url: "http://a b"}]}}' },
  { name: 'a service that is gone', services: 'other: {loadBalancer: {servers: [{url: "http://127.0.0.1:1"}]}}' },
  { name: 'all of it back' },
  { name: 'a middleware that fails', more: 'middlewares: {m: {addPrefix: {prefix: /a}, stripPrefix: {prefixes: [/a]}}}' },
  { name: 'a middleware that is gone', more: 'middlewares: {n: {addPrefix: {prefix: /a}}}' },
  { name: 'another chain', more: 'middlewares: {m: {chain: {middlewares: [n]}}, n: {addPrefix: {prefix: /b}}}' },
  { name: 'TLS', routers: 'a: {rule: "Host(`a`)", service: s, tls: {}}, b: {rule: "Host(`a`)", service: s, tls: {options: o}}' },
  { name: 'a tree', routers: 'a: {rule: "Host(`a`)"}, b: {rule: "Path(`/b`)", service: s, parentRefs: [a]}' },
  { name: 'a tree without its root', routers: 'b: {rule: "Path(`/b`)", service: s, parentRefs: [a]}' },
  { name: 'no tree', routers: 'a: {rule: "Host(`a`)", service: s}, b: {rule: "Path(`/b`)", service: s}' },
  { name: 'an entry point that is not there', routers: 'a: {rule: "Host(`a`)", service: s, entryPoints: [x]}' },
]
const usual = {
  routers: 'a: {rule: "Host(`a`)", service: s, middlewares: [m]}, b: {rule: "Host(`b`)", service: s}',
  services: 's: {loadBalancer: {servers: [{url: "http://127.0.0.1:1"}]}}, t: {weighted: {services: [{name: s, weight: 1}]}}',
  more: 'middlewares: {m: {chain: {middlewares: [n]}}, n: {addPrefix: {prefix: /a}}}',
}

/** What of a generation anybody can see. */
function visible({ plans, state, warnings }: Resolved): unknown {
  const shown = [state.routers, state.services, state.middlewares].map((objects) =>
    [...objects.values()].map((info) => ({
      name: info.name,
      config: info.config,
      status: info.status,
      errors: info.errors,
      details: info.details.map(({ message }) => message),
      usedBy: 'usedBy' in info && Array.isArray(info.usedBy) ? info.usedBy.toSorted() : [],
    })),
  )
  return { shown, warnings, plans: Object.entries(plans).map(([kind, all]) => [kind, [...all]]) }
}

test('a generation that takes over from the one before is as one that is made anew', () => {
  const install = installForTest('entryPoints: {web: {address: ":80"}, tls: {address: ":443", http: {tls: {}, middlewares: [m@file]}}}')
  const aggregator = new Aggregator(systemClock, 0, () => {})
  let previous: Resolved | null = null
  for (const step of steps) {
    const { routers, services, more } = { ...usual, ...step }
    const text = `http: {routers: {${routers}}, services: {${services}}, ${more}}\ntls: {options: {o: {minVersion: VersionTLS13}}}`
    aggregator.take({ provider: 'file', routing: decodeForTest(text), locate: () => ({}) })
    const input = { generation: 1, install, entryPoints: [], global, unbuilt: [], providers: [] }
    const next: Resolved = resolve({ ...input, snapshots: aggregator.snapshots, previous: previous?.drafts ?? null }, resolveContext())
    const anew = resolve(
      { ...input, snapshots: [{ provider: 'file', routing: decodeForTest(text), locate: () => ({}) }] },
      resolveContext(),
    )
    assert.deepEqual(visible(next), visible(anew), step.name)
    previous = next
  }
})

test('what has not changed is taken over as it is', () => {
  const install = installForTest(web)
  const aggregator = new Aggregator(systemClock, 0, () => {})
  const routing = (url: string): string =>
    `http: {routers: {${usual.routers}}, services: {s: {loadBalancer: {servers: [{url: "${url}"}]}}, u: {loadBalancer: {servers: [{url: "http://127.0.0.1:3"}]}}}, ${usual.more}}`
  const generation = (url: string, previous: Resolved | null): Resolved => {
    aggregator.take({ provider: 'file', routing: decodeForTest(routing(url)), locate: () => ({}) })
    const input = { generation: 1, install, entryPoints: [], global, unbuilt: [], providers: [], snapshots: aggregator.snapshots }
    return resolve({ ...input, previous: previous?.drafts ?? null }, resolveContext())
  }
  const first = generation('http://127.0.0.1:1', null)
  const second = generation('http://127.0.0.1:2', first)
  for (const name of ['a@file', 'b@file']) assert.equal(second.state.routers.get(name), first.state.routers.get(name))
  assert.equal(second.state.services.get('u@file'), first.state.services.get('u@file'))
  assert.notEqual(second.state.services.get('s@file'), first.state.services.get('s@file'))
  assert.deepEqual(second.state.services.get('s@file')?.usedBy, ['a@file', 'b@file'])
})

test('the rule length in bytes is the default priority', () => {
  const { state } = resolveTexts(web, { file: `http: {routers: {r: {rule: "PathPrefix(\`/é\`)", service: s}}, ${service}}` })
  assert.equal(state.routers.get('r@file')?.priority, BigInt(Buffer.byteLength('PathPrefix(`/é`)')))
})

test('a service that was out of use for a while gets places of its own again', () => {
  const service = decodeForTest('http: {services: {s: {loadBalancer: {servers: [{url: "http://10.0.0.9"}]}, middlewares: [m@extra]}}}')
  const middleware = decodeForTest('http: {middlewares: {m: {addPrefix: {prefix: /a}}}}')
  const planWith = (extra: typeof service): LoadBalancerPlan | undefined => {
    const snapshots = Object.entries({ aside: service, extra }).map(([provider, routing]) => ({ provider, routing, locate: () => ({}) }))
    const plan = resolveSnapshots(web, snapshots).plans.service.get('s@aside')
    return plan?.kind === 'loadBalancer' ? plan : undefined
  }
  const first = planWith(middleware)
  assert.equal(planWith(middleware), first)
  assert.equal(planWith({}), undefined)
  places.keepOnly({ counter: new Set(), gauge: new Set(), cell: new Set() })
  const second = planWith(middleware)
  assert.ok(first !== undefined && second !== undefined)
  assert.notEqual(second.sequenceCell, first.sequenceCell)
  assert.notEqual(second.servers[0]?.stateCell, first.servers[0]?.stateCell)
})
