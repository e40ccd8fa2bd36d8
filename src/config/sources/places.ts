/** Where things stand in a text: the tree of offsets that the readers make on demand, and lines and columns from offsets. */
import type { Place } from '../schema/problem.ts'
import type { RawPath } from '../schema/raw.ts'

/** Offset of a key (or list item) and of what is below it. */
export interface PlaceNode {
  readonly offset: number
  readonly members?: ReadonlyMap<string | number, PlaceNode>
}

/** Finds the place of a path in the text; a path that is not there gives the place of the nearest part that is. */
export type Locate = (path: RawPath) => Place

/** Makes a finder for a text. The tree of places is made at the first question, since a sound text is never asked about. */
export function createLocator(text: string, file: string | undefined, read: (text: string) => PlaceNode): Locate {
  let root: PlaceNode | undefined
  let lines: number[] | undefined
  return (path) => {
    root ??= read(text)
    let node = root
    for (const step of path) {
      const next = node.members?.get(step)
      if (next === undefined) break
      node = next
    }
    const named = file === undefined ? {} : { file }
    if (node === root) return named
    lines ??= lineStarts(text)
    return { ...named, ...placeOfOffset(lines, node.offset) }
  }
}

/** Offsets at which the lines of a text begin. */
export function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Line and column of an offset, counted from 1. */
export function placeOfOffset(lines: readonly number[], offset: number): { line: number; column: number } {
  let low = 0
  let high = lines.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((lines[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 }
}
