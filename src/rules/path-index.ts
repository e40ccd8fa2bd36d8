/**
 * Ranks of rules by path: those that take one path in a map, those that take a prefix in a radix tree, the rest in a list. Ranks must be added in
 * ascending order, so that every list is sorted. A lookup hands over lists, not a merged one, and allocates nothing.
 */
import type { PathKeys } from './index-keys.ts'

/** Takes the lists of a lookup; each is sorted. */
export interface RankLists {
  add(ranks: readonly number[]): void
}

interface PrefixNode {
  /** Text between the parent and this node. */
  label: string
  ranks: number[]
  children: Map<number, PrefixNode> | null
}

/** Rules of one host, or those of all hosts, by path. */
export class PathIndex {
  readonly #rest: number[] = []
  readonly #exact = new Map<string, number[]>()
  readonly #root: PrefixNode = { label: '', ranks: [], children: null }

  /** Adds a rank; null keys mean that it is tried for every path. */
  add(rank: number, keys: PathKeys | null): void {
    if (keys === null) {
      this.#rest.push(rank)
      return
    }
    for (const path of keys.exact) {
      const ranks = this.#exact.get(path)
      if (ranks === undefined) this.#exact.set(path, [rank])
      else pushOnce(ranks, rank)
    }
    for (const prefix of keys.prefixes) pushOnce(this.#nodeOf(prefix).ranks, rank)
  }

  /** Hands over the lists of ranks that may take a path. */
  collect(path: string, lists: RankLists): void {
    if (this.#rest.length > 0) lists.add(this.#rest)
    const exact = this.#exact.size > 0 ? this.#exact.get(path) : undefined
    if (exact !== undefined) lists.add(exact)
    let node = this.#root
    let at = 0
    for (;;) {
      if (node.ranks.length > 0) lists.add(node.ranks)
      const child = node.children?.get(path.charCodeAt(at))
      if (child === undefined || !path.startsWith(child.label, at)) return
      at += child.label.length
      node = child
    }
  }

  /** Finds or makes the node of a prefix, splitting an edge where prefixes part. */
  #nodeOf(prefix: string): PrefixNode {
    let node = this.#root
    let at = 0
    while (at < prefix.length) {
      node.children ??= new Map()
      const code = prefix.charCodeAt(at)
      const child = node.children.get(code)
      if (child === undefined) {
        const leaf: PrefixNode = { label: prefix.slice(at), ranks: [], children: null }
        node.children.set(code, leaf)
        return leaf
      }
      const shared = sharedLength(child.label, prefix, at)
      if (shared < child.label.length) {
        const middle: PrefixNode = {
          label: child.label.slice(0, shared),
          ranks: [],
          children: new Map([[child.label.charCodeAt(shared), child]]),
        }
        child.label = child.label.slice(shared)
        node.children.set(code, middle)
        node = middle
      } else node = child
      at += shared
    }
    return node
  }
}

function pushOnce(ranks: number[], rank: number): void {
  if (ranks.at(-1) !== rank) ranks.push(rank)
}

function sharedLength(label: string, text: string, at: number): number {
  let length = 0
  while (length < label.length && label.charCodeAt(length) === text.charCodeAt(at + length)) length += 1
  return length
}
