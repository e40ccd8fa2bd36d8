/**
 * Which TCP route takes a connection: the first match in the order of priority, provider precedence and name. Rules are found by server name, so
 * that the cost of a match does not grow with the number of other names.
 */
import { ruleProblem } from './check.ts'
import { allTests } from './combine.ts'
import { hostKeys } from './index-keys.ts'
import type { TcpMatchInput } from './match-input.ts'
import type { Test } from './matcher-kind.ts'
import { sortSteps } from './route-order.ts'
import type { RouteEntry } from './route-table.ts'
import { compileTcpMatcher } from './tcp.ts'
import type { RuleNode } from './tree.ts'

/** Entries handled between two yields. */
const sliceLength = 64

const noRanks: readonly number[] = []

/** TCP routes of an entry point. */
export class TcpRouteTable {
  readonly #slots: number[] = []
  /** Null for a rule that matches nothing. */
  readonly #tests: (Test<TcpMatchInput> | null)[] = []
  readonly #exact = new Map<string, number[]>()
  readonly #wildcards = new Map<string, number[]>()
  readonly #rest: number[] = []

  /** Adds the route of the next rank. */
  add(slot: number, rule: RuleNode | null): void {
    const rank = this.#slots.push(slot) - 1
    if (rule === null || ruleProblem(rule) !== null) {
      this.#tests.push(null)
      return
    }
    const hosts = hostKeys(rule)
    this.#tests.push(hosts === null ? compileTcpMatcher(rule) : allTests(hosts.rest.map(compileTcpMatcher)))
    if (hosts === null) {
      this.#rest.push(rank)
      return
    }
    for (const host of hosts.exact) addTo(this.#exact, host, rank)
    for (const suffix of hosts.wildcards) addTo(this.#wildcards, suffix, rank)
  }

  /** Number of routes. */
  get size(): number {
    return this.#slots.length
  }

  /** Slot of the route that takes a connection; -1 when none does. */
  match(input: TcpMatchInput): number {
    const { sni } = input
    const dot = sni.indexOf('.')
    const exact = this.#exact.get(sni) ?? noRanks
    const wildcard = (dot < 0 ? undefined : this.#wildcards.get(sni.slice(dot))) ?? noRanks
    return this.#firstOf([exact, wildcard, this.#rest], input)
  }

  /** Walks ascending lists of ranks together. */
  #firstOf(lists: readonly (readonly number[])[], input: TcpMatchInput): number {
    const places = lists.map(() => 0)
    for (;;) {
      let best = -1
      let bestList = -1
      for (let list = 0; list < lists.length; list += 1) {
        const rank = lists[list]?.[places[list] ?? 0]
        if (rank !== undefined && (bestList < 0 || rank < best)) {
          best = rank
          bestList = list
        }
      }
      if (bestList < 0) return -1
      places[bestList] = (places[bestList] ?? 0) + 1
      if (this.#tests[best]?.(input) === true) return this.#slots[best] ?? -1
    }
  }
}

/** Builds a table in steps of well under a millisecond, so that a worker can go on serving in between. */
export function* buildTcpTableSteps(routes: readonly RouteEntry[]): Generator<void, TcpRouteTable> {
  const table = new TcpRouteTable()
  let count = 0
  for (const { slot, rule } of yield* sortSteps(routes, compareRoutes)) {
    table.add(slot, rule)
    count += 1
    if (count % sliceLength === 0) yield
  }
  return table
}

/** Order of routes: priority, precedence of the provider, name. */
export function compareRoutes(a: Omit<RouteEntry, 'slot' | 'rule'>, b: Omit<RouteEntry, 'slot' | 'rule'>): number {
  if (a.priority !== b.priority) return a.priority > b.priority ? -1 : 1
  if (a.precedence !== b.precedence) return a.precedence - b.precedence
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** Whether a rule is nothing but HostSNI(`*`), which comes after everything else. */
export function isCatchAll(rule: RuleNode): boolean {
  return rule.kind === 'matcher' && !rule.negated && rule.name === 'HostSNI' && rule.args.length === 1 && rule.args[0] === '*'
}

function addTo(buckets: Map<string, number[]>, key: string, rank: number): void {
  const bucket = buckets.get(key)
  if (bucket === undefined) buckets.set(key, [rank])
  else if (bucket.at(-1) !== rank) bucket.push(rank)
}
