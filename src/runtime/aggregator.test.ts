import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoutingConfiguration } from '../config/routing/routing.ts'
import type { Clock } from '../std/clock.ts'
import { Aggregator } from './aggregator.ts'

class HandClock implements Clock {
  time = 0
  #timers: { at: number; call: () => void }[] = []

  now(): number {
    return this.time
  }

  monotonicMs(): number {
    return this.time
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.time + ms, call }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }

  advance(ms: number): void {
    this.time += ms
    const due = this.#timers.filter((timer) => timer.at <= this.time)
    this.#timers = this.#timers.filter((timer) => timer.at > this.time)
    for (const timer of due) timer.call()
  }
}

function snapshot(provider: string, name: string): Parameters<Aggregator['take']>[0] {
  const routing: RoutingConfiguration = {
    udp: { routers: { [name]: { entryPoints: [], service: name } }, services: {} },
  }
  return { provider, routing, locate: () => ({}) }
}

test('the first event passes at once, the newest of those that follow waits for the throttle', () => {
  const clock = new HandClock()
  let changes = 0
  const aggregator = new Aggregator(clock, 2000, () => (changes += 1))
  aggregator.take(snapshot('file', 'a'))
  assert.equal(changes, 1)
  aggregator.take(snapshot('file', 'b'))
  aggregator.take(snapshot('file', 'c'))
  assert.equal(changes, 1)
  clock.advance(1999)
  assert.equal(changes, 1)
  clock.advance(1)
  assert.equal(changes, 2)
  assert.deepEqual(Object.keys(aggregator.snapshots[0]?.routing.udp?.routers ?? {}), ['c'])
})

test('an equal snapshot changes nothing, another provider is not held back', () => {
  const clock = new HandClock()
  let changes = 0
  const aggregator = new Aggregator(clock, 2000, () => (changes += 1))
  aggregator.take(snapshot('file', 'a'))
  clock.advance(5000)
  aggregator.take(snapshot('file', 'a'))
  assert.equal(changes, 1)
  aggregator.take(snapshot('rest', 'a'))
  assert.equal(changes, 2)
  assert.deepEqual(
    aggregator.snapshots.map((each) => each.provider),
    ['file', 'rest'],
  )
  aggregator.remove('file')
  assert.equal(changes, 3)
})
