import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { candidatesOf, seeded, type TestCandidate } from '../../../test/support/balancing.ts'
import { LocalSequence } from './sequence.ts'
import { strategies, strategyOf } from './strategies.ts'

/** 99.9% quantiles of the chi-square distribution by degrees of freedom. */
const chiSquareMax = [0, 10.83, 13.82, 16.27, 18.47, 20.52]

/** FNV-1a mixes the ends of names that are nearly alike badly, as it does in Traefik: hashing has shares to within a tenth of all picks. */
function assertRoughShares(candidates: readonly TestCandidate[], shares: readonly number[], picks: number): void {
  const total = shares.reduce((sum, share) => sum + share, 0)
  candidates.forEach((candidate, index) => {
    const expected = (shares[index] ?? 0) / total
    assert.ok(Math.abs(candidate.picked / picks - expected) < 0.1, candidates.map((one) => one.picked).join(' '))
  })
}

function assertShares(candidates: readonly TestCandidate[], shares: readonly number[], picks: number): void {
  const total = shares.reduce((sum, share) => sum + share, 0)
  let chiSquare = 0
  candidates.forEach((candidate, index) => {
    const expected = (picks * (shares[index] ?? 0)) / total
    chiSquare += (candidate.picked - expected) ** 2 / expected
  })
  assert.ok(
    chiSquare <= (chiSquareMax[candidates.length - 1] ?? 0),
    `chi-square ${chiSquare} for ${candidates.map((candidate) => candidate.picked).join(' ')}`,
  )
}

function hashKeyOf(random: () => number): string {
  return `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}`
}

for (const { key, create, ignoresWeight, hashes } of strategies) {
  describe(`strategy ${key}`, () => {
    it('chooses the only candidate', () => {
      const [only] = candidatesOf([3])
      assert.ok(only !== undefined)
      assert.equal(create(seeded(1), new LocalSequence()).pick([only], 'x'), only)
    })

    it('refuses to choose among none', () => {
      assert.throws(() => create(seeded(1), new LocalSequence()).pick([], 'x'), /no candidates/)
    })

    it('shares equally among equals', () => {
      const random = seeded(2)
      const candidates = candidatesOf([1, 1, 1, 1])
      const strategy = create(random, new LocalSequence())
      for (let turn = 0; turn < 8000; turn += 1) strategy.pick(candidates, hashKeyOf(random)).picked += 1
      const check = hashes ? assertRoughShares : assertShares
      if (key === 'first') assert.equal(candidates[0]?.picked, 8000)
      else check(candidates, [1, 1, 1, 1], 8000)
    })

    it('shares by weight where it looks at weights', () => {
      const random = seeded(3)
      const candidates = candidatesOf([5, 3, 2])
      const strategy = create(random, new LocalSequence())
      for (let turn = 0; turn < 10_000; turn += 1) strategy.pick(candidates, hashKeyOf(random)).picked += 1
      const check = hashes ? assertRoughShares : assertShares
      if (key === 'first') assert.equal(candidates[0]?.picked, 10_000)
      else if (!ignoresWeight) check(candidates, [5, 3, 2], 10_000)
      else assert.ok(candidates.every((candidate) => candidate.picked > 2000))
    })

    it('goes on when candidates come and go', () => {
      const random = seeded(4)
      const all = candidatesOf([1, 2, 3, 1])
      const strategy = create(random, new LocalSequence())
      for (let turn = 0; turn < 400; turn += 1) {
        const usable = all.filter((_, index) => index === turn % 4 || (turn >> 2) % (index + 2) === 0)
        const picked = strategy.pick(usable, hashKeyOf(random))
        assert.ok(usable.includes(picked))
      }
    })
  })
}

describe('wrr', () => {
  it('is exact over every round and spreads the turns', () => {
    const cases: { weights: number[]; order: string }[] = [
      { weights: [1, 1, 1], order: '012' },
      { weights: [3, 1], order: '0001' },
      { weights: [30, 10], order: '0001' },
      { weights: [2, 1, 1], order: '0012' },
      { weights: [5, 3, 2], order: '0102010012' },
    ]
    for (const { weights, order } of cases) {
      const candidates = candidatesOf(weights)
      const strategy = strategyOf('wrr').create(seeded(1), new LocalSequence())
      const round = Array.from({ length: order.length }, () => candidates.indexOf(strategy.pick(candidates, '')))
      const second = Array.from({ length: order.length }, () => candidates.indexOf(strategy.pick(candidates, '')))
      assert.deepEqual(second, round)
      assert.equal(round.join(''), order, `weights ${weights.join(' ')}`)
    }
  })

  it('is exact when several workers take turns from one sequence', () => {
    const sequence = new LocalSequence()
    const candidates = candidatesOf([3, 2, 1])
    const workers = Array.from({ length: 4 }, () => strategyOf('wrr').create(seeded(1), sequence))
    const random = seeded(9)
    for (let turn = 0; turn < 600; turn += 1) {
      const worker = workers[Math.floor(random() * workers.length)]
      assert.ok(worker !== undefined)
      worker.pick(candidates, '').picked += 1
    }
    assert.deepEqual(
      candidates.map((candidate) => candidate.picked),
      [300, 200, 100],
    )
  })

  it('scales huge weights down', () => {
    const candidates = candidatesOf([1_000_003, 1_000_003 * 3 + 1, 1])
    const strategy = strategyOf('wrr').create(seeded(1), new LocalSequence())
    for (let turn = 0; turn < 20_000; turn += 1) strategy.pick(candidates, '').picked += 1
    const [one, three, least] = candidates
    assert.ok(one !== undefined && three !== undefined && least !== undefined)
    assert.ok(Math.abs(three.picked / one.picked - 3) < 0.01)
    assert.ok(least.picked >= 1)
  })
})

describe('p2c', () => {
  it('keeps away from the busiest', () => {
    const candidates = candidatesOf([1, 1, 1])
    const [busy] = candidates
    assert.ok(busy !== undefined)
    busy.busy = 100
    const strategy = strategyOf('p2c').create(seeded(5), new LocalSequence())
    for (let turn = 0; turn < 1000; turn += 1) strategy.pick(candidates, '').picked += 1
    assert.equal(busy.picked, 0)
  })
})

describe('hrw', () => {
  it('moves only the clients of a server that goes', () => {
    const random = seeded(6)
    const candidates = candidatesOf([1, 1, 1, 1])
    const strategy = strategyOf('hrw').create(random, new LocalSequence())
    const left = candidates.slice(1)
    for (let client = 0; client < 500; client += 1) {
      const hashKey = hashKeyOf(random)
      const before = strategy.pick(candidates, hashKey)
      assert.equal(strategy.pick(candidates, hashKey), before)
      if (before !== candidates[0]) assert.equal(strategy.pick(left, hashKey), before)
    }
  })
})

describe('leasttime', () => {
  it('takes the quickest by latency, load and weight', () => {
    const candidates = candidatesOf([1, 1, 4])
    const [slow, quick, heavy] = candidates
    assert.ok(slow !== undefined && quick !== undefined && heavy !== undefined)
    slow.latencyMs = 30
    quick.latencyMs = 10
    heavy.latencyMs = 20
    const strategy = strategyOf('leasttime').create(seeded(7), new LocalSequence())
    assert.equal(strategy.pick(candidates, ''), heavy)
    heavy.busy = 2
    assert.equal(strategy.pick(candidates, ''), quick)
    quick.busy = 5
    assert.equal(strategy.pick(candidates, ''), heavy)
  })

  it('tries one that was never measured first', () => {
    const candidates = candidatesOf([1, 1])
    const [known, fresh] = candidates
    assert.ok(known !== undefined && fresh !== undefined)
    known.latencyMs = 0.1
    const strategy = strategyOf('leasttime').create(seeded(8), new LocalSequence())
    assert.equal(strategy.pick(candidates, ''), fresh)
  })
})

describe('strategyOf', () => {
  it('knows its keys, letter for letter', () => {
    assert.equal(strategyOf('hrw').key, 'hrw')
    assert.throws(() => strategyOf('WRR'), /unknown strategy "WRR"/)
  })
})
