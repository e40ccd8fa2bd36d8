import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { installForTest } from '../../test/support/config.ts'
import { BoardAllocator } from '../board/allocator.ts'
import { createBoard, serverState } from '../board/board.ts'
import { decodeRouting } from '../config/routing/decode-routing.ts'
import { parseHostPort } from './host-port.ts'
import { mergeSnapshots } from './merge.ts'
import { SharedMemory } from './middleware-plans.ts'
import { rememberingRuleCheck } from './rule-check.ts'
import { resolveStreams, type ResolvedStreams } from './streams.ts'

const board = createBoard({ rows: 2, counters: 64, gauges: 16_384, cells: 16_384 })
const install = 'entryPoints: {web: {address: ":80"}, db: {address: ":5432"}, dns: {address: ":53/udp"}, more: {address: ":54/UDP"}}'

function resolved(text: string, installText = install): ResolvedStreams {
  // Deprecated options are warned of, which is no problem here.
  const { routing = {}, problems } = decodeRouting(text, 'yaml')
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  )
  const snapshot = { provider: 'file', routing, locate: () => ({}) }
  return resolveStreams(mergeSnapshots([snapshot]), {
    install: installForTest(installText),
    board,
    places: new BoardAllocator(board, () => 0),
    memory: new SharedMemory(),
    readFile: () => undefined,
    checkRule: rememberingRuleCheck(),
    tlsOptions: new Map([
      ['default', null],
      ['bad@file', 'its CA cannot be read'],
    ]),
    rank: () => 0,
  })
}

const services = 's: {loadBalancer: {servers: [{address: "127.0.0.1:1"}]}}'

describe('TCP routers', () => {
  const cases: readonly [name: string, router: string, errors: readonly string[], more?: string][] = [
    ['sound', 'rule: "HostSNI(`*`)", service: s', []],
    ['sound with TLS', 'rule: "HostSNI(`a.local`)", service: s, tls: {}', []],
    ['without a rule', 'service: s', ['router has no rule']],
    ['with an unreadable rule', 'rule: "HostSNI(", service: s', ['unexpected end of the rule']],
    ['with a matcher of HTTP', 'rule: "Host(`a`)", service: s', ['unsupported function: Host']],
    [
      'with a name but no TLS',
      'rule: "HostSNI(`a.local`)", service: s',
      ['invalid rule: "HostSNI(`a.local`)" , has HostSNI matcher, but no TLS on router'],
    ],
    ['without a service', 'rule: "HostSNI(`*`)"', ['the service is missing on the router']],
    ['with an unknown service', 'rule: "HostSNI(`*`)", service: x', ['the service "x@file" does not exist']],
    ['with an unknown middleware', 'rule: "HostSNI(`*`)", service: s, middlewares: [m]', ['middleware "m@file" does not exist']],
    [
      'with a broken middleware',
      'rule: "HostSNI(`*`)", service: s, middlewares: [m]',
      ['sourceRange is empty, IPAllowLister not created'],
      'middlewares: {m: {ipAllowList: {sourceRange: []}}}',
    ],
    ['with unknown TLS options', 'rule: "HostSNI(`a`)", service: s, tls: {options: x}', ['unknown TLS options: x@file']],
    ['with broken TLS options', 'rule: "HostSNI(`a`)", service: s, tls: {options: bad}', ['its CA cannot be read']],
    ['with passthrough, where options do not count', 'rule: "HostSNI(`a`)", service: s, tls: {passthrough: true, options: x}', []],
    [
      'on a UDP entry point',
      'rule: "HostSNI(`*`)", service: s, entryPoints: [dns]',
      ['entryPoint "dns" doesn\'t exist', 'no valid entryPoint for this router'],
    ],
  ]
  for (const [name, router, errors, more] of cases)
    it(`are ${errors.length === 0 ? 'enabled' : 'disabled'} ${name}`, () => {
      const { state, plans } = resolved(`tcp: {routers: {r: {${router}}}, services: {${services}}${more === undefined ? '' : `, ${more}`}}`)
      const draft = state.tcpRouters.get('r@file')
      assert.equal(draft?.status, errors.length === 0 ? 'enabled' : 'disabled')
      for (const [index, error] of errors.entries())
        assert.ok(draft.errors[index]?.includes(error) === true, draft.errors[index] ?? 'no error')
      // They keep their places, so that no lower router takes what is theirs.
      assert.equal(plans.tcpRouter.get('r@file')?.disabled === null, errors.length === 0)
    })

  it('have the priority of their length, and a lone catch-all the least', () => {
    const routers = 'a: {rule: "HostSNI(`*`)", service: s}, b: {rule: "HostSNI(`*`) && ClientIP(`::1`)", service: s}'
    const { plans } = resolved(
      `tcp: {routers: {${routers}, c: {rule: "HostSNI(\`*\`)", service: s, priority: 7}}, services: {${services}}}`,
    )
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => plans.tcpRouter.get(`${name}@file`)?.priority),
      [-1n, 31n, 7n],
    )
    assert.deepEqual(plans.tcpRouter.get('a@file')?.entryPoints, ['db', 'web'])
  })
})

describe('UDP routers', () => {
  it('are on all UDP entry points unless they name some, and several on one are told', () => {
    const { state, warnings } = resolved(
      `udp: {routers: {a: {service: s}, b: {service: s, entryPoints: [dns]}, c: {entryPoints: [dns]}}, services: {${services}}}`,
    )
    assert.deepEqual(state.udpRouters.get('a@file')?.using, ['dns', 'more'])
    assert.deepEqual(state.udpRouters.get('c@file')?.errors, ['the service is missing on the udp router'])
    assert.deepEqual(warnings, ['entry point dns has several UDP routers, of which one is served: a@file, b@file'])
  })
})

describe('stream services', () => {
  it('leave servers without a port out', () => {
    const { plans, state } = resolved('tcp: {services: {s: {loadBalancer: {servers: [{address: nowhere}, {address: "[::1]:5"}]}}}}')
    const plan = plans.tcpService.get('s@file')
    assert.ok(plan?.kind === 'loadBalancer')
    assert.deepEqual(
      plan.servers.map(({ host, port }) => [host, port]),
      [['::1', 5]],
    )
    assert.equal(state.tcpServices.get('s@file')?.status, 'enabled')
  })

  for (const [name, text, error] of [
    ['an unknown transport', 's: {loadBalancer: {servers: [], serversTransport: x}}', 'no transport configuration found for "x@file"'],
    [
      'an unknown version of the PROXY protocol',
      's: {loadBalancer: {servers: [], proxyProtocol: {version: 3}}}',
      'unknown proxyProtocol version: 3',
    ],
    ['a transport with an unknown version', 's: {loadBalancer: {servers: [], serversTransport: p}}', 'unknown proxyProtocol version: 3'],
    ['an unknown child', 's: {weighted: {services: [{name: x}]}}', 'the service "x@file" does not exist'],
    [
      'itself as a child',
      's: {weighted: {services: [{name: s}]}}',
      'could not instantiate service s@file: recursion detected in s@file->s@file',
    ],
    [
      'a child that does not tell its health',
      `s: {weighted: {services: [{name: c}], healthCheck: {}}}, c: {loadBalancer: {servers: []}}`,
      'has no health check',
    ],
    ['no kind', 's: {}', 'the service "s@file" does not have any type defined'],
  ] as const)
    it(`are disabled with ${name}`, () => {
      const { state, plans } = resolved(`tcp: {services: {${text}}, serversTransports: {p: {proxyProtocol: {version: 3}}}}`)
      const draft = state.tcpServices.get('s@file')
      assert.equal(draft?.status, 'disabled')
      assert.ok(draft.errors[0]?.includes(error) === true, draft.errors[0] ?? 'no error')
      assert.equal(plans.tcpService.get('s@file'), undefined)
    })

  it('take the older options where no transport is named', () => {
    const older = 'terminationDelay: 250, proxyProtocol: {version: 1}'
    const { plans } = resolved(
      `tcp: {services: {a: {loadBalancer: {${older}}}, b: {loadBalancer: {${older}, serversTransport: t}}}, serversTransports: {t: {}}}`,
    )
    const [a, b] = ['a@file', 'b@file'].map((name) => plans.tcpService.get(name))
    assert.ok(a?.kind === 'loadBalancer' && b?.kind === 'loadBalancer')
    assert.deepEqual([a.terminationDelayMs, a.proxyProtocol, b.terminationDelayMs, b.proxyProtocol], [250, 1, null, null])
    assert.equal(plans.tcpTransport.get('default@internal')?.terminationDelayMs, 100)
  })

  it('tell the state of their servers', () => {
    const { state, plans } = resolved(`tcp: {services: {${services}}}`)
    const plan = plans.tcpService.get('s@file')
    assert.ok(plan?.kind === 'loadBalancer' && plan.servers[0] !== undefined)
    const draft = state.tcpServices.get('s@file')
    assert.deepEqual({ ...draft?.serverStatus() }, { '127.0.0.1:1': 'UP' })
    Atomics.store(board.cells, plan.servers[0].stateCell, serverState.down)
    assert.deepEqual({ ...draft?.serverStatus() }, { '127.0.0.1:1': 'DOWN' })
  })
})

describe('parseHostPort', () => {
  for (const [address, expected] of [
    ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    [':80', { host: 'localhost', port: 80 }],
    ['name:0', { host: 'name', port: 0 }],
    ['::1:80', null],
    ['name', null],
    ['name:65536', null],
    ['name:http', null],
    ['', null],
  ] as const)
    it(`reads ${JSON.stringify(address)}`, () => assert.deepEqual(parseHostPort(address), expected))
})
