import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testBalancing } from '../../test/support/balancing.ts'
import type { HttpService } from '../config/routing/routing.ts'
import type { LoadBalancerPlan, ServicePlan, TransportPlan, WeightedPlan } from '../generation/plan.ts'
import { type ResolvedServices, healthTargets } from './targets.ts'

type Options = NonNullable<NonNullable<HttpService['loadBalancer']>['healthCheck']>

const options: Options = {
  scheme: '',
  mode: 'http',
  path: '/hc',
  method: '',
  status: 0,
  port: 0,
  interval: 500,
  timeout: 5000,
  hostname: '',
  followRedirects: true,
  headers: {},
  statuses: [],
  body: '',
  service: '',
  rise: 0,
  fall: 0,
  jitter: 0,
}

function balancer(name: string, urls: readonly string[]): LoadBalancerPlan {
  return {
    kind: 'loadBalancer',
    name,
    servers: urls.map((url, index) => ({
      url,
      weight: 1,
      preservePath: false,
      fenced: false,
      historyCell: 0,
      latencyCell: 0,
      stateCell: 100 + index,
      inFlight: 0,
    })),
    ...testBalancing(),
    sticky: null,
    passHostHeader: true,
    transport: 'default@internal',
    flushIntervalMs: 100,
    middlewares: [],
    sequenceCell: 0,
    counters: 0,
  }
}

function weighted(name: string, children: readonly string[]): WeightedPlan {
  return {
    kind: 'weighted',
    name,
    services: children.map((child) => ({ name: child, weight: 1, stateCells: [] })),
    sticky: null,
    middlewares: [],
    sequenceCell: 0,
    counters: 0,
  }
}

function resolved(services: Record<string, { plan: ServicePlan | null; healthCheck?: Options; usedBy?: string[] }>): ResolvedServices {
  const transport = { name: 'default@internal' } as TransportPlan
  return {
    services: new Map(
      Object.entries(services).map(([name, { plan, healthCheck, usedBy = [] }]) => [
        name,
        { plan, usedBy, config: { loadBalancer: { healthCheck } } as HttpService },
      ]),
    ),
    plans: { transport: new Map([['default@internal', transport]]) },
  }
}

describe('healthTargets', () => {
  it('takes every server of a service that a router uses', () => {
    const targets = healthTargets(
      resolved({ s: { plan: balancer('s', ['http://a', 'http://b', 'http://a']), healthCheck: options, usedBy: ['r'] } }),
    )
    assert.deepEqual(
      targets.map(({ key, url, stateCell }) => [key, url, stateCell]),
      [
        ['s http://a 0', 'http://a', 100],
        ['s http://b 0', 'http://b', 101],
        ['s http://a 1', 'http://a', 102],
      ],
    )
  })

  it('follows services to their children, rings included, and leaves the unused out', () => {
    const targets = healthTargets(
      resolved({
        w: { plan: weighted('w', ['s', 'w']), usedBy: ['r'] },
        s: { plan: balancer('s', ['http://a']), healthCheck: options },
        idle: { plan: balancer('idle', ['http://b']), healthCheck: options },
        plain: { plan: balancer('plain', ['http://c']), usedBy: ['r'] },
        broken: { plan: null, healthCheck: options, usedBy: ['r'] },
      }),
    )
    assert.deepEqual(
      targets.map(({ service }) => service),
      ['s'],
    )
  })

  const read: { name: string; given: Partial<Options>; check: Record<string, unknown>; remarks: number }[] = [
    {
      name: 'defaults',
      given: {},
      check: { method: 'GET', mode: 'http', intervalMs: 500, unhealthyIntervalMs: 500, timeoutMs: 5000 },
      remarks: 0,
    },
    { name: 'an unknown mode is http', given: { mode: 'pigeon' }, check: { mode: 'http' }, remarks: 0 },
    { name: 'grpc', given: { mode: 'grpc' }, check: { mode: 'grpc' }, remarks: 0 },
    { name: 'interval 0', given: { interval: 0 }, check: { intervalMs: 30_000, unhealthyIntervalMs: 30_000 }, remarks: 1 },
    { name: 'negative timeout', given: { timeout: -1 }, check: { timeoutMs: 5000 }, remarks: 1 },
    {
      name: 'an interval of its own while down',
      given: { unhealthyInterval: 70 },
      check: { intervalMs: 500, unhealthyIntervalMs: 70 },
      remarks: 0,
    },
  ]
  for (const { name, given, check, remarks } of read) {
    it(`options: ${name}`, () => {
      const [target] = healthTargets(
        resolved({ s: { plan: balancer('s', ['http://a']), healthCheck: { ...options, ...given }, usedBy: ['r'] } }),
      )
      assert.ok(target !== undefined)
      assert.partialDeepStrictEqual(target.check, check)
      assert.equal(target.remarks.length, remarks)
    })
  }
})
