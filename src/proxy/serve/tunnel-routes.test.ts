import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testEntryPoint } from '../../../test/support/middleware-rig.ts'
import type { LoadBalancerPlan, RouterPlan, ServicePlan } from '../../generation/plan.ts'
import type { TunnelRoute } from '../http/open-tunnels.ts'
import { tunnelRoutes } from './tunnel-routes.ts'

const soundRouter = {
  entryPoints: ['web'],
  disabled: null,
  tls: false,
  isChild: false,
  children: [],
  service: 'top',
} satisfies Partial<RouterPlan>

function balancer(...urls: string[]): ServicePlan {
  const servers = urls.map((url): Partial<LoadBalancerPlan['servers'][number]> => ({ url }))
  return { kind: 'loadBalancer', servers } as unknown as ServicePlan
}

const services: Readonly<Record<string, unknown>> = {
  top: { kind: 'failover', service: 'hashed', fallback: 'spare' },
  hashed: { kind: 'highestRandomWeight', services: [{ name: 'mirrored', weight: 1 }] },
  mirrored: { kind: 'mirroring', service: 'weighted', mirrors: [{ name: 'copies', percent: 100 }] },
  weighted: {
    kind: 'weighted',
    services: [
      { name: 'leaf', weight: 1 },
      { name: 'idle', weight: 0 },
    ],
  },
  leaf: balancer('http://one', 'http://two'),
  idle: balancer('http://one'),
  copies: balancer('http://one'),
  spare: balancer('http://one'),
  ring: { kind: 'weighted', services: [{ name: 'ring', weight: 1 }] },
}

function has(
  route: Partial<TunnelRoute>,
  routers: Readonly<Record<string, Partial<RouterPlan>>> = { r: {} },
  others: Readonly<Record<string, unknown>> = {},
): boolean {
  const plans = {
    router: new Map(Object.entries(routers).map(([name, plan]) => [name, { ...soundRouter, ...plan } as RouterPlan])),
    service: new Map(Object.entries({ ...services, ...others }).map(([name, plan]) => [name, plan as ServicePlan])),
  }
  const all: TunnelRoute = { entryPoint: 'web', secure: false, router: 'r', service: 'leaf', server: 'http://one', ...route }
  return tunnelRoutes({ entryPoints: new Map() }, plans).has(all)
}

describe('tunnelRoutes', () => {
  it('finds a route through services of all kinds', () => {
    for (const [service, expected] of [
      ['leaf', true],
      ['spare', true],
      ['idle', false],
      ['copies', false],
      ['nobody', false],
    ] as const) {
      assert.equal(has({ service }), expected, service)
    }
  })

  it('misses what has changed on the way', () => {
    assert.equal(has({}), true)
    assert.equal(has({}, {}), false, 'no router')
    assert.equal(has({}, { r: { disabled: 'broken' } }), false, 'a router out of use')
    assert.equal(has({}, { r: { entryPoints: ['other'] } }), false, 'a router of another entry point')
    assert.equal(has({}, { r: { tls: true } }), false, 'a router that needs TLS now')
    assert.equal(has({}, { r: { isChild: true } }), false, 'a router below another one')
    assert.equal(has({}, { r: { service: 'spare' } }), false, 'a router that leads elsewhere')
    assert.equal(has({}, { r: { service: 'ring' } }), false, 'services in a ring')
    assert.equal(has({ server: 'http://three' }), false, 'no such server')
    assert.equal(has({}, { r: {} }, { leaf: balancer() }), false, 'no server at all')
  })

  it('follows routers below each other, and names that only look so', () => {
    const children = { parent: { children: ['child'], service: '' }, child: { isChild: true } }
    assert.equal(has({ router: 'parent -> child' }, children), true)
    assert.equal(has({ router: 'parent -> child' }, { ...children, parent: { children: [], service: '' } }), false)
    assert.equal(has({ router: 'a -> b' }, { 'a -> b': {} }), true)
  })

  it('tells what an entry point says of tunnels', () => {
    const plan = testEntryPoint({ transport: { lifeCycle: { tunnelsOnRemoval: 'drain', tunnelDrainTimeOut: '5s' } } })
    const entryPoints = new Map([['web', { plan, handler: () => {}, secureHandler: () => {} }]])
    const routes = tunnelRoutes({ entryPoints }, { router: new Map(), service: new Map() })
    assert.deepEqual(routes.policyOf('web'), { onRemoval: 'drain', drainMs: 5000 })
    assert.equal(routes.policyOf('other'), null)
  })
})
