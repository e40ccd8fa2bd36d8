/**
 * Which route takes a request: the first match in the order of priority, provider precedence and name. Rules are found by host and path, so that
 * the cost of a match does not grow with the number of other hosts and paths; what the index hands over is tried in that same order.
 */
import { ruleProblem } from './check.ts'
import { allTests } from './combine.ts'
import { hostKeys, pathKeys } from './index-keys.ts'
import type { HostKeys, PathKeys } from './index-keys.ts'
import type { MatchInput } from './match-input.ts'
import type { Test } from './matcher-kind.ts'
import { compileMatcher } from './matcher.ts'
import { PathIndex } from './path-index.ts'
import type { RankLists } from './path-index.ts'
import { sortSteps } from './route-order.ts'
import type { RuleNode } from './tree.ts'

/** A route to be put into a table. */
export interface RouteEntry {
  /** What a match gives. */
  readonly slot: number
  /** Null when the rule cannot be read: the route matches nothing. */
  readonly rule: RuleNode | null
  /** Higher ones are tried first. */
  readonly priority: bigint
  /** Rank of the provider for equal priorities, lower first. */
  readonly precedence: number
  /** Decides between routes that are equal in everything else. */
  readonly name: string
}

/** Routes of an entry point or below a router. */
export interface RouteTable {
  /** All routes in the order in which they are tried. */
  readonly entries: readonly RouteEntry[]
  /** Slot of the route that takes a request; -1 when none does. */
  match(input: MatchInput): number
}

/** A rule ready to be tried and put into an index. */
interface CompiledRule {
  /** What is left to be tested where the index has found the rule. */
  readonly test: Test<MatchInput>
  readonly hosts: HostKeys | null
  readonly paths: PathKeys | null
}

/** Entries handled between two yields. */
const sliceLength = 16
/** Buckets looked at between two yields. */
const bucketsPerSlice = 512
/** Below this number of rules trying all of them is as quick as looking the path up. */
const indexedFrom = 8

/** Compiled rules live as long as their trees, and equal texts share a tree: a table that is built anew compiles what has changed. */
const compiledRules = new WeakMap<RuleNode, CompiledRule | null>()

/** Builds a table at once. */
export function buildRouteTable(routes: readonly RouteEntry[]): RouteTable {
  const steps = buildRouteTableSteps(routes)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Builds a table in steps of well under a millisecond, so that a worker can go on serving in between. */
export function* buildRouteTableSteps(routes: readonly RouteEntry[]): Generator<void, RouteTable> {
  const entries = yield* sortSteps(routes, compareEntries)
  const table = new IndexedTable(entries)
  for (let rank = 0; rank < entries.length; rank += 1) {
    const rule = entries[rank]?.rule ?? null
    table.add(rule === null ? null : compileRule(rule))
    if (rank % sliceLength === 0) yield
  }
  yield* table.finishSteps()
  return table
}

function compareEntries(a: RouteEntry, b: RouteEntry): number {
  if (a.priority !== b.priority) return a.priority > b.priority ? -1 : 1
  if (a.precedence !== b.precedence) return a.precedence - b.precedence
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** Compiles a rule once; null when its matchers do not take their arguments, so that it matches nothing. */
function compileRule(rule: RuleNode): CompiledRule | null {
  const known = compiledRules.get(rule)
  if (known !== undefined) return known
  const compiled = ruleProblem(rule) === null ? compileSound(rule) : null
  compiledRules.set(rule, compiled)
  return compiled
}

function compileSound(rule: RuleNode): CompiledRule {
  const hosts = hostKeys(rule)
  const test = hosts === null ? compileMatcher(rule) : allTests(hosts.rest.map(compileMatcher))
  return { test, hosts, paths: pathKeys(rule) }
}

/** Rules of one host, of one wildcard, or of no particular host. */
interface Bucket {
  /** All ranks, ascending. */
  readonly ranks: number[]
  /** Made when there are many. */
  index: PathIndex | null
}

/** Lists of ranks that may take a request, walked in the order of ranks. Made once a table, since matching is synchronous. */
class Candidates implements RankLists {
  readonly #lists: (readonly number[])[] = []
  readonly #places: number[] = []
  #count = 0

  clear(): void {
    this.#count = 0
  }

  add(ranks: readonly number[]): void {
    this.#lists[this.#count] = ranks
    this.#places[this.#count] = 0
    this.#count += 1
  }

  /** The only list; null when there are none or several. */
  single(): readonly number[] | null {
    return this.#count === 1 ? (this.#lists[0] ?? null) : null
  }

  /** Takes the lowest rank that is left; -1 when none is. A rank that stands in several lists comes several times. */
  next(): number {
    let best = -1
    let bestList = -1
    for (let list = 0; list < this.#count; list += 1) {
      const rank = this.#lists[list]?.[this.#places[list] ?? 0]
      if (rank !== undefined && (bestList < 0 || rank < best)) {
        best = rank
        bestList = list
      }
    }
    if (bestList >= 0) this.#places[bestList] = (this.#places[bestList] ?? 0) + 1
    return best
  }
}

class IndexedTable implements RouteTable {
  readonly entries: readonly RouteEntry[]
  readonly #slots: Int32Array
  readonly #rules: (CompiledRule | null)[] = []
  readonly #exact = new Map<string, Bucket>()
  readonly #wildcards = new Map<string, Bucket>()
  readonly #rest: Bucket = { ranks: [], index: null }

  readonly #candidates = new Candidates()

  constructor(entries: readonly RouteEntry[]) {
    this.entries = entries
    this.#slots = Int32Array.from(entries, (entry) => entry.slot)
  }

  /** Adds the rule of the next rank; null when it matches nothing. */
  add(rule: CompiledRule | null): void {
    const rank = this.#rules.push(rule) - 1
    if (rule === null) return
    if (rule.hosts === null) {
      this.#rest.ranks.push(rank)
      return
    }
    for (const host of rule.hosts.exact) addTo(this.#exact, host, rank)
    for (const suffix of rule.hosts.wildcards) addTo(this.#wildcards, suffix, rank)
  }

  /** Indexes the paths of all buckets that are worth it. */
  *finishSteps(): Generator<void> {
    if (this.#rest.ranks.length >= indexedFrom) yield* this.#indexSteps(this.#rest)
    for (const buckets of [this.#exact, this.#wildcards]) {
      let seen = 0
      for (const bucket of buckets.values()) {
        if (bucket.ranks.length >= indexedFrom) yield* this.#indexSteps(bucket)
        seen += 1
        if (seen % bucketsPerSlice === 0) yield
      }
    }
  }

  *#indexSteps(bucket: Bucket): Generator<void> {
    const index = new PathIndex()
    for (let i = 0; i < bucket.ranks.length; i += 1) {
      const rank = bucket.ranks[i] ?? 0
      index.add(rank, this.#rules[rank]?.paths ?? null)
      if (i % sliceLength === 0) yield
    }
    bucket.index = index
  }

  match(input: MatchInput): number {
    const { host, flatHost, routingPath } = input
    this.#candidates.clear()
    this.#collectHost(host, routingPath)
    if (flatHost !== undefined && flatHost !== '' && flatHost !== host) this.#collectHost(flatHost, routingPath)
    this.#collect(this.#rest, routingPath)
    const single = this.#candidates.single()
    const rank = single === null ? this.#firstOfAll(input) : this.#firstOf(single, input)
    return rank < 0 ? -1 : (this.#slots[rank] ?? -1)
  }

  #collectHost(host: string, path: string): void {
    const exact = this.#exact.get(host)
    if (exact !== undefined) this.#collect(exact, path)
    // Rules are filed without their trailing dot too; a host sent with one is looked up both ways.
    const isDotted = host.endsWith('.')
    if (isDotted) this.#collectFrom(this.#exact, host.slice(0, -1), path)
    if (this.#wildcards.size === 0) return
    const dot = host.indexOf('.')
    if (dot < 0) return
    this.#collectFrom(this.#wildcards, host.slice(dot), path)
    if (isDotted) this.#collectFrom(this.#wildcards, host.slice(dot, -1), path)
  }

  #collectFrom(buckets: ReadonlyMap<string, Bucket>, key: string, path: string): void {
    const bucket = buckets.get(key)
    if (bucket !== undefined) this.#collect(bucket, path)
  }

  #collect(bucket: Bucket, path: string): void {
    if (bucket.index !== null) bucket.index.collect(path, this.#candidates)
    else if (bucket.ranks.length > 0) this.#candidates.add(bucket.ranks)
  }

  #firstOf(ranks: readonly number[], input: MatchInput): number {
    for (let i = 0; i < ranks.length; i += 1) {
      const rank = ranks[i] ?? 0
      if (this.#rules[rank]?.test(input) === true) return rank
    }
    return -1
  }

  #firstOfAll(input: MatchInput): number {
    let tried = -1
    for (;;) {
      const rank = this.#candidates.next()
      if (rank < 0) return -1
      if (rank !== tried && this.#rules[rank]?.test(input) === true) return rank
      tried = rank
    }
  }
}

function addTo(buckets: Map<string, Bucket>, key: string, rank: number): void {
  const bucket = buckets.get(key)
  if (bucket === undefined) buckets.set(key, { ranks: [rank], index: null })
  else if (bucket.ranks.at(-1) !== rank) bucket.ranks.push(rank)
}
