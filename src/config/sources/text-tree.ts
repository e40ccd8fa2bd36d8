/**
 * Trees from pairs of a dotted path and a text: flags, variables and labels. Names that differ only in case are one member, called by the
 * spelling that sorts first; `name[0]` makes a list item.
 */
import { Branch, createRecord } from '../schema/raw.ts'
import type { RawRecord } from '../schema/raw.ts'
import { SourceError } from './source-error.ts'

/** Deepest path; longer ones are an error, not a deep recursion. */
const depthMax = 64

/** A path, its value, and what to call the pair in error texts. */
export interface TextPair {
  readonly path: readonly string[]
  readonly value: string
  /** As the user wrote it: `--ping`, `TRAEFIK_PING`, `traefik.http…`. */
  readonly label: string
}

interface TreeNode {
  readonly name: string
  value: string | undefined
  readonly members: Map<string, TreeNode>
}

/** Builds the raw tree of the pairs. Throws SourceError for an empty name or a path that is too deep. */
export function buildTextTree(pairs: readonly TextPair[]): RawRecord {
  const root: TreeNode = { name: '', value: undefined, members: new Map() }
  for (const pair of pairs.toSorted(byPath)) {
    if (pair.path.length > depthMax) throw new SourceError(`${short(pair.label)}: nested deeper than ${depthMax} levels`)
    let node = root
    for (const name of pair.path) {
      if (name === '') throw new SourceError(`${short(pair.label)}: empty name`)
      const key = name.toLowerCase()
      let next = node.members.get(key)
      if (next === undefined) {
        next = { name, value: undefined, members: new Map() }
        node.members.set(key, next)
      }
      node = next
    }
    node.value = pair.value
  }
  return membersOf(root)
}

/** Splits a dotted path at its dots, and `a[0]` into `a` and `[0]`. */
export function splitPath(path: string): string[] {
  const names: string[] = []
  for (const part of path.split('.')) {
    const bracket = part.indexOf('[')
    if (bracket <= 0) {
      names.push(part)
      continue
    }
    names.push(part.slice(0, bracket))
    for (const index of part.slice(bracket).split(/(?<=\])(?=\[)/)) names.push(index)
  }
  return names
}

function byPath(a: TextPair, b: TextPair): number {
  for (let index = 0; index < a.path.length && index < b.path.length; index += 1) {
    const one = a.path[index] ?? ''
    const other = b.path[index] ?? ''
    if (one !== other) return one < other ? -1 : 1
  }
  return a.path.length - b.path.length
}

function membersOf(node: TreeNode): RawRecord {
  const record: RawRecord = createRecord()
  for (const member of node.members.values()) {
    if (member.members.size === 0) record[member.name] = member.value ?? ''
    else record[member.name] = member.value === undefined ? membersOf(member) : new Branch(member.value, membersOf(member))
  }
  return record
}

function short(label: string): string {
  return label.length > labelLengthMax ? `${label.slice(0, labelLengthMax)}…` : label
}

/** Longest piece of a label that is quoted in an error text. */
const labelLengthMax = 120
