import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { candidatesOf, seeded, type TestCandidate } from '../../../test/support/balancing.ts'
import { LocalSequence } from './sequence.ts'
import { strategyOf } from './strategies.ts'
import type { Candidate } from './strategy.ts'

const keys = Array.from({ length: 5000 }, (_, index) => `client-${index}`)

for (const key of ['hrw', 'ring', 'maglev'] as const) {
  describe(`consistent hash ${key}`, () => {
    const choose = (candidates: readonly TestCandidate[]): TestCandidate[] => {
      const strategy = strategyOf(key).create(seeded(1), new LocalSequence())
      return keys.map((each) => strategy.pick(candidates, each))
    }

    it('chooses alike in every worker, and whatever the order of configuration', () => {
      const candidates = candidatesOf([1, 2, 1, 1, 3])
      assert.deepEqual(choose(candidates), choose(candidates.slice()))
      assert.deepEqual(choose(candidates), choose(candidates.toReversed()))
    })

    it('moves few keys when a server goes', () => {
      const candidates = candidatesOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
      const before = choose(candidates)
      const after = choose(candidates.slice(1))
      const moved = before.filter((server, index) => server !== candidates[0] && server !== after[index]).length
      // Only Maglev's table moves keys of servers that stay.
      assert.ok(moved <= (key === 'maglev' ? keys.length * 0.05 : 0), `${moved} of ${keys.length}`)
    })
  })
}

for (const key of ['ring', 'maglev'] as const) {
  describe(`bounded load of ${key}`, () => {
    it('keeps everybody below the factor times the mean, even for one key', () => {
      const candidates = candidatesOf([1, 1, 1, 1])
      const strategy = strategyOf(key).create(seeded(1), new LocalSequence(), 1.25)
      for (let total = 1; total <= 400; total += 1) {
        strategy.pick(candidates, 'the same').busy += 1
        for (const { busy } of candidates) assert.ok(busy <= Math.ceil((1.25 * total) / 4))
      }
    })
  })
}

describe('leastConn', () => {
  it('gives a server that is ten times slower a tenth of the others, within a fifth', () => {
    const candidates = candidatesOf([1, 1, 1])
    const strategy = strategyOf('leastConn').create(seeded(1), new LocalSequence())
    const served = new Map<Candidate, number>()
    // 30 requests are always in flight; time goes to the end of whichever ends first.
    const running: { readonly server: TestCandidate; readonly until: number }[] = []
    let now = 0
    for (let count = 0; count < 20_000; count += 1) {
      if (running.length === 30) {
        const next = running.reduce((soonest, one) => (one.until < soonest.until ? one : soonest))
        running.splice(running.indexOf(next), 1)
        next.server.busy -= 1
        now = next.until
      }
      const server = strategy.pick(candidates, '')
      server.busy += 1
      served.set(server, (served.get(server) ?? 0) + 1)
      running.push({ server, until: now + (server === candidates[0] ? 10 : 1) })
    }
    const share = (served.get(candidates[0]!) ?? 0) / 20_000
    const ideal = 0.1 / 2.1
    assert.ok(Math.abs(share - ideal) <= ideal * 0.2, `${share} of ${ideal}`)
  })
})
