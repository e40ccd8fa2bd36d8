import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testMiddlewarePlan } from '../../../test/support/middleware-context.ts'
import { testEntryPoint } from '../../../test/support/middleware-rig.ts'
import { NotingSink } from '../../../test/support/upstream-rig.ts'
import type { EntryPointPlan, GlobalPlan, PlanChange, RouterPlan, ServicePlan } from '../../generation/plan.ts'
import { type ConnectionFacts, Exchange, type Handler, type Middleware } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import { respondText } from '../http/respond.ts'
import { type BuildContext, exhaust, type Serving, ServingBuilder } from './build.ts'

const facts: ConnectionFacts = { remoteIp: '10.0.0.1', remotePort: 1, localIp: '10.0.0.2', localPort: 80, tls: null }

/** Builds handlers that write where a request went, and notes what is built. */
class NotingContext {
  /** What was built since it was last asked. */
  built: string[] = []
  readonly warnings: string[] = []
  /** Middlewares that were told that they have been replaced. */
  readonly closed: string[] = []
  readonly broken = new Set<string>()

  get context(): BuildContext {
    // No stream is built here.
    const context: Pick<BuildContext, 'begin' | 'middleware' | 'service' | 'pipeline' | 'encodedCharacters' | 'warn'> = {
      middleware: (plan) => {
        this.#note(plan.name)
        const middleware: Middleware = (next) => (exchange) => {
          exchange.responseHeaders.add('Way', `${plan.name}:${String(plan.options)}`)
          return next(exchange)
        }
        return { middleware, close: () => this.closed.push(`${plan.name}:${String(plan.options)}`) }
      },
      service: (plan, transport, service) => {
        this.#note(plan.name)
        if (plan.kind === 'weighted') return service(plan.services[0]?.name ?? '')
        const by = plan.kind === 'loadBalancer' ? (transport(plan.transport)?.serverName ?? '') : ''
        return (exchange) => respondText(exchange, 200, `${plan.name}${by}`, null)
      },
      begin: () => false,
      pipeline: (plan, _global, route) => {
        this.#note(`pipeline ${plan.name}`)
        return route
      },
      encodedCharacters: () => null,
      warn: (message, fields) => this.warnings.push(`${message} ${Object.values(fields).join(' ')}`),
    }
    return context as BuildContext
  }

  /** What was built, sorted, without the pipelines. */
  take(): string[] {
    const built = this.built.filter((name) => !name.startsWith('pipeline')).toSorted()
    this.built = []
    return built
  }

  #note(name: string): void {
    this.built.push(name)
    if (this.broken.has(name)) throw new Error('cannot be')
  }
}

const global: PlanChange = { kind: 'global', key: '', plan: { hostname: 'box', accessLog: null } as unknown as GlobalPlan }

function entryPoint(name: string, more: Partial<EntryPointPlan> = {}): PlanChange {
  return { kind: 'entryPoint', key: name, plan: { ...testEntryPoint(), name, ...more } }
}

function router(name: string, more: Partial<RouterPlan> = {}): PlanChange {
  const plan: RouterPlan = {
    name,
    entryPoints: ['web'],
    rule: `PathPrefix(\`/${name}\`)`,
    syntax: 'v3',
    priority: 10n,
    precedence: 0,
    middlewares: [],
    service: 'service',
    children: [],
    isChild: false,
    disabled: null,
    tls: false,
    tlsOptions: '',
    tlsHosts: [],
    tlsHostPatterns: [],
    accessLogs: true,
    metrics: true,
    internal: false,
    counters: 0,
    ...more,
  }
  return { kind: 'router', key: name, plan }
}

function service(name: string, more: Record<string, unknown> = {}): PlanChange {
  const plan = { kind: 'loadBalancer', name, servers: [], transport: 'transport', middlewares: [], ...more } as unknown as ServicePlan
  return { kind: 'service', key: name, plan }
}

function weighted(name: string, ...children: string[]): PlanChange {
  const plan = { kind: 'weighted', name, services: children.map((child) => ({ name: child })), middlewares: [] } as unknown as ServicePlan
  return { kind: 'service', key: name, plan }
}

function middleware(name: string, options: unknown = 1): PlanChange {
  return { kind: 'middleware', key: name, plan: testMiddlewarePlan(name, 'noted', options) }
}

function gone(kind: PlanChange['kind'], key: string): PlanChange {
  return { kind, key, plan: null } as PlanChange
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly way: readonly string[]
  readonly router: string
  readonly reason: string | null
}

/** Sends a request through a generation. */
function ask(serving: Serving | Handler, path: string, name = 'web'): Answer {
  const handler = typeof serving === 'function' ? serving : serving.entryPoints.get(name)?.handler
  assert.ok(handler !== undefined, name)
  const sink = new NotingSink()
  const exchange = new Exchange(facts, name, new HeaderList(), sink)
  exchange.path = path
  void handler(exchange)
  const way = sink.headers.filter(([key]) => key === 'Way').map(([, value]) => value)
  return { status: sink.status, body: sink.body, way, router: exchange.routerName, reason: exchange.reason }
}

function rig(): { noting: NotingContext; builder: ServingBuilder; build: (...changes: PlanChange[]) => Serving } {
  const noting = new NotingContext()
  const builder = new ServingBuilder(noting.context)
  let generation = 0
  const build = (...changes: PlanChange[]): Serving => exhaust(builder.build((generation += 1), changes))
  return { noting, builder, build }
}

describe('building generations', () => {
  it('routes through middlewares to services', () => {
    const { build, noting } = rig()
    const serving = build(
      global,
      entryPoint('web'),
      router('a', { middlewares: ['m', 'n'] }),
      middleware('m'),
      middleware('n', 2),
      service('service', { middlewares: ['n'] }),
    )
    assert.deepEqual(ask(serving, '/a/b'), { status: 200, body: 'service', way: ['m:1', 'n:2', 'n:2'], router: 'a', reason: null })
    assert.deepEqual(ask(serving, '/b').reason, 'no_router')
    assert.deepEqual(noting.take(), ['m', 'n', 'service'])
  })

  it('has no entry points before the global plan is there', () => {
    const { build } = rig()
    assert.equal(build(entryPoint('web')).entryPoints.size, 0)
    assert.equal(build(global).entryPoints.size, 1)
  })

  const rebuilt: { name: string; changes: PlanChange[]; built: string[] }[] = [
    { name: 'nothing for nothing', changes: [], built: [] },
    {
      name: 'a service of which the plan changed, and what holds it',
      changes: [service('child', { weight: 2 })],
      built: ['child', 'parent', 'root'],
    },
    {
      name: 'services over a transport',
      changes: [{ kind: 'transport', key: 'transport', plan: { name: 'transport', serverName: '!' } as never }],
      built: ['child', 'other', 'parent', 'root'],
    },
    { name: 'a middleware, and the service that has it', changes: [middleware('m', 2)], built: ['m', 'other'] },
    { name: 'nothing but the middleware when only routers have it', changes: [middleware('n', 2)], built: ['n'] },
    { name: 'nothing for a changed router', changes: [router('a', { service: 'root', middlewares: ['n'] })], built: [] },
    { name: 'nothing for another entry point', changes: [entryPoint('more')], built: [] },
  ]
  for (const { name, changes, built } of rebuilt) {
    it(`builds again ${name}`, () => {
      const { build, noting } = rig()
      build(
        global,
        entryPoint('web'),
        router('a', { service: 'root' }),
        router('b', { service: 'other', middlewares: ['n'] }),
        middleware('m'),
        middleware('n'),
        service('child'),
        weighted('parent', 'child'),
        weighted('root', 'parent'),
        service('other', { middlewares: ['m'] }),
      )
      noting.take()
      const serving = build(...changes)
      assert.deepEqual(noting.take(), built)
      assert.equal(ask(serving, '/a').status, 200)
    })
  }

  it('gives routers what their services and middlewares have become', () => {
    const { build } = rig()
    build(
      global,
      entryPoint('web'),
      router('a', { service: 'root', middlewares: ['m'] }),
      middleware('m'),
      service('child'),
      weighted('root', 'child'),
    )
    assert.deepEqual(ask(build(middleware('m', 'new')), '/a').way, ['m:new'])
    const changed = build({ kind: 'transport', key: 'transport', plan: { name: 'transport', serverName: '!' } as never })
    assert.equal(ask(changed, '/a').body, 'child!')
  })

  it('leaves older generations as they are', () => {
    const { build } = rig()
    const first = build(global, entryPoint('web'), router('a', { middlewares: ['m'] }), middleware('m'), service('service'))
    const second = build(
      router('a', { service: 'other', middlewares: [] }),
      service('other'),
      gone('service', 'service'),
      gone('middleware', 'm'),
    )
    const third = build(gone('router', 'a'), router('b', { service: 'other' }))
    const fourth = build(router('a', { service: 'other' }), entryPoint('more'), router('c', { entryPoints: ['more'], service: 'other' }))
    assert.deepEqual(ask(first, '/a'), { status: 200, body: 'service', way: ['m:1'], router: 'a', reason: null })
    assert.deepEqual(ask(second, '/a'), { status: 200, body: 'other', way: [], router: 'a', reason: null })
    assert.deepEqual([ask(third, '/a').reason, ask(third, '/b').router], ['no_router', 'b'])
    assert.deepEqual([ask(fourth, '/a').router, ask(fourth, '/b').router, ask(fourth, '/c', 'more').router], ['a', 'b', 'c'])
    assert.deepEqual([ask(first, '/b').reason, first.entryPoints.size, fourth.entryPoints.size], ['no_router', 1, 2])
    assert.equal(ask(build(gone('entryPoint', 'more')), '/c').reason, 'no_router')
  })

  it('takes the places of removed routers again, over many generations', () => {
    const { build } = rig()
    let serving = build(global, entryPoint('web'), service('service'), router('r0'), router('kept', { priority: 1n }))
    for (let round = 1; round <= 50; round += 1) serving = build(gone('router', `r${round - 1}`), router(`r${round}`))
    assert.deepEqual([ask(serving, '/r50').router, ask(serving, '/r49').reason, ask(serving, '/kept').router], ['r50', 'no_router', 'kept'])
  })

  it('keeps the place of a disabled router, and gives 404 there', () => {
    const { build } = rig()
    const serving = build(
      global,
      entryPoint('web'),
      service('service'),
      router('a', { disabled: 'for a reason' }),
      router('all', { rule: 'PathPrefix(`/`)', priority: 1n }),
    )
    assert.deepEqual(ask(serving, '/a').reason, 'router_disabled')
    assert.deepEqual(ask(serving, '/a').status, 404)
    assert.equal(ask(serving, '/b').router, 'all')
  })

  it('routes on to children behind the middlewares of their parent', () => {
    const { build } = rig()
    const child = (name: string, more: Partial<RouterPlan> = {}): PlanChange =>
      router(name, { isChild: true, entryPoints: [], rule: `Path(\`/p/${name}\`)`, ...more })
    const first = build(
      global,
      entryPoint('web'),
      service('service'),
      middleware('m'),
      middleware('n'),
      router('p', { service: '', children: ['one', 'two'], middlewares: ['m'] }),
      child('one', { middlewares: ['n'] }),
      child('two'),
    )
    assert.deepEqual(ask(first, '/p/one'), { status: 200, body: 'service', way: ['m:1', 'n:1'], router: 'p -> one', reason: null })
    assert.equal(ask(first, '/p/three').reason, 'no_router')
    assert.equal(ask(first, '/one').reason, 'no_router')
    const second = build(child('two', { service: 'other' }), service('other'))
    assert.deepEqual([ask(second, '/p/two').body, ask(first, '/p/two').body], ['other', 'service'])
    const third = build(gone('router', 'two'), router('p', { service: '', children: ['one'] }))
    assert.deepEqual([ask(third, '/p/two').reason, ask(third, '/p/one').way], ['no_router', ['n:1']])
  })

  it('asks routers with TLS for requests over TLS only', () => {
    const { build } = rig()
    const serving = build(global, entryPoint('web'), service('service'), router('a', { tls: true }))
    assert.equal(ask(serving, '/a').reason, 'no_router')
    // The connection of this test has none, so it never gets there either.
    assert.equal(ask(serving.entryPoints.get('web')?.secureHandler as Handler, '/a').reason, 'misdirected')
  })

  it('refuses where something is missing or cannot be built, and never lets by', () => {
    const { build, noting } = rig()
    noting.broken.add('m').add('broken')
    const serving = build(
      global,
      entryPoint('web'),
      middleware('m'),
      service('service'),
      service('broken'),
      router('a', { middlewares: ['m'] }),
      router('b', { middlewares: ['unknown'] }),
      router('c', { service: 'unknown' }),
      router('d', { service: 'broken' }),
      router('e', { rule: 'Nonsense(' }),
    )
    assert.deepEqual(
      ['/a', '/b', '/c', '/d', '/e'].map((path) => ask(serving, path).reason),
      ['middleware_error', 'middleware_error', 'no_healthy_server', 'middleware_error', 'no_router'],
    )
    assert.deepEqual(noting.warnings, ['cannot build middleware: cannot be m', 'cannot build service: cannot be broken'])
  })

  it('does not end in circles that the control plane should have refused', () => {
    const { build } = rig()
    const serving = build(global, entryPoint('web'), weighted('one', 'two'), weighted('two', 'one'), router('a', { service: 'one' }))
    assert.equal(ask(serving, '/a').status, 503)
  })

  it('yields on the way, so that requests can be served meanwhile', () => {
    const { builder } = rig()
    const many = Array.from({ length: 1000 }, (_, index) => [router(`r${index}`), service(`s${index}`)]).flat()
    const steps = builder.build(1, [global, entryPoint('web'), ...many])
    let yields = 0
    while (steps.next().done !== true) yields += 1
    assert.ok(yields >= 10, `${yields} yields`)
  })

  it('tells middlewares once the generation that replaces them is in force', () => {
    const { builder, build, noting } = rig()
    build(global, entryPoint('web'), router('a', { middlewares: ['m'] }), middleware('m'), service('service'))
    builder.closeReplaced()
    assert.deepEqual(noting.closed, [])
    build(middleware('m', 2))
    assert.deepEqual(noting.closed, [])
    builder.closeReplaced()
    builder.closeReplaced()
    assert.deepEqual(noting.closed, ['m:1'])
  })

  it('is built from scratch after a fault, with what has changed meanwhile', () => {
    const { builder, build, noting } = rig()
    build(global, entryPoint('web'), router('a', { middlewares: ['m'] }), middleware('m'), service('service'))
    const steps = builder.build(2, [middleware('m', 2), router('b')])
    steps.return(undefined as never)
    const context = noting.context
    const failing = new ServingBuilder({
      ...context,
      pipeline: () => {
        throw new Error('a fault')
      },
    })
    assert.throws(
      () =>
        exhaust(failing.build(1, [global, entryPoint('web'), middleware('m', 2), router('a', { middlewares: ['m'] }), service('service')])),
      /a fault/,
    )
    noting.take()
    assert.throws(() => exhaust(failing.afresh().build(2, [])), /a fault/)
    assert.deepEqual(noting.take(), ['m', 'service'])
    const serving = exhaust(new ServingBuilder(context, failing.plans).build(3, [router('b')]))
    assert.deepEqual([ask(serving, '/a').way, ask(serving, '/b').router], [['m:2'], 'b'])
  })
})
