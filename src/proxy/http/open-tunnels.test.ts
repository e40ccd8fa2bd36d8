import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import { type ConnectionFacts, Exchange, type ResponseSink } from './exchange.ts'
import { HeaderList } from './header-list.ts'
import { OpenTunnels, type TunnelEntry, type TunnelPolicy, type TunnelRoutes } from './open-tunnels.ts'
import type { Reason } from './reasons.ts'

const facts: ConnectionFacts = { remoteIp: '192.0.2.1', remotePort: 1, localIp: '192.0.2.2', localPort: 2, tls: null }
const sink: ResponseSink = {
  informational() {},
  head() {},
  write: () => true,
  writeText() {},
  end() {},
  abort() {},
  upgrade() {},
}

/** Tunnels that note why they ended, on a clock that stands still. */
class Rig {
  readonly clock = new ManualClock()
  readonly tunnels = new OpenTunnels(new TimerWheel(this.clock))
  readonly ended: Reason[] = []

  open(router: string, entryPoint = 'web'): TunnelEntry {
    const exchange = new Exchange(facts, entryPoint, new HeaderList(), sink)
    exchange.routerName = router
    return this.tunnels.add(exchange, { goAway: (reason) => this.ended.push(reason) })
  }

  serve(policy: TunnelPolicy | null, ...routers: string[]): void {
    this.tunnels.update({ policyOf: () => policy, has: ({ router }) => routers.includes(router) } satisfies TunnelRoutes)
  }
}

const keep: TunnelPolicy = { onRemoval: 'keep', drainMs: 0 }
const drain: TunnelPolicy = { onRemoval: 'drain', drainMs: 30_000 }
const close: TunnelPolicy = { onRemoval: 'close', drainMs: 0 }

describe('OpenTunnels', () => {
  it('keeps tunnels of a removed route, or ends them now or later, as the entry point says', () => {
    for (const [policy, atOnce, later] of [
      [keep, 0, 0],
      [drain, 0, 1],
      [close, 1, 1],
    ] as const) {
      const rig = new Rig()
      rig.open('a')
      rig.open('b')
      rig.serve(policy, 'a', 'b')
      assert.equal(rig.ended.length, 0)
      rig.serve(policy, 'b')
      assert.equal(rig.ended.length, atOnce)
      rig.clock.advance(31_000)
      assert.deepEqual(rig.ended, Array<Reason>(later).fill('route_removed'))
    }
  })

  it('lets tunnels go on whose route comes back in time', () => {
    const rig = new Rig()
    rig.open('a')
    rig.serve(drain)
    rig.clock.advance(20_000)
    rig.serve(drain, 'a')
    rig.clock.advance(60_000)
    assert.equal(rig.ended.length, 0)
  })

  it('does as a removed entry point said last', () => {
    const rig = new Rig()
    rig.serve(close, 'a')
    rig.open('a')
    rig.serve(null, 'a')
    assert.deepEqual(rig.ended, ['route_removed'])
  })

  it('forgets tunnels that are over, and their time limit', () => {
    const rig = new Rig()
    const entry = rig.open('a')
    rig.serve(drain)
    assert.equal(rig.tunnels.size, 1)
    entry.close()
    entry.close()
    assert.equal(rig.tunnels.size, 0)
    rig.clock.advance(60_000)
    assert.equal(rig.ended.length, 0)
  })

  it('ends many of them over several turns of the event loop', async () => {
    const rig = new Rig()
    for (let count = 0; count < 120; count += 1) rig.open('a')
    rig.serve(close)
    assert.equal(rig.ended.length, 50)
    while (rig.ended.length < 120) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(rig.ended.length, 120)
  })

  it('counts the end of the process as a removal, of one entry point alone', () => {
    const rig = new Rig()
    rig.open('a')
    rig.open('a', 'other')
    rig.tunnels.shutDown('web', keep)
    assert.equal(rig.ended.length, 0)
    rig.tunnels.shutDown('web', drain)
    rig.clock.advance(31_000)
    assert.deepEqual(rig.ended, ['shutting_down'])
    rig.tunnels.shutDown('other', close)
    assert.equal(rig.ended.length, 2)
  })
})
