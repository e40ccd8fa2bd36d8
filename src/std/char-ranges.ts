/** Sets of code points as flat lists of sorted, disjoint, inclusive ranges: `[first, last, first, last, …]`. */
export type CharRanges = readonly number[]

/** Largest code point. */
export const codePointMax = 0x10ffff

/** Sorts and merges ranges given in any order. */
export function mergeRanges(ranges: CharRanges): CharRanges {
  const pairs: [number, number][] = []
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i] ?? 0, ranges[i + 1] ?? 0])
  pairs.sort((a, b) => a[0] - b[0])
  const merged: number[] = []
  for (const [first, last] of pairs) {
    const end = merged.length - 1
    if (end > 0 && first <= (merged[end] ?? 0) + 1) merged[end] = Math.max(merged[end] ?? 0, last)
    else merged.push(first, last)
  }
  return merged
}

/** All code points that are not in the set. */
export function invertRanges(ranges: CharRanges): CharRanges {
  const inverted: number[] = []
  let next = 0
  for (let i = 0; i < ranges.length; i += 2) {
    const first = ranges[i] ?? 0
    if (first > next) inverted.push(next, first - 1)
    next = (ranges[i + 1] ?? 0) + 1
  }
  if (next <= codePointMax) inverted.push(next, codePointMax)
  return inverted
}

/** True when the sets have a code point in common. */
export function rangesMeet(a: CharRanges, b: CharRanges): boolean {
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if ((a[i + 1] ?? 0) < (b[j] ?? 0)) i += 2
    else if ((b[j + 1] ?? 0) < (a[i] ?? 0)) j += 2
    else return true
  }
  return false
}

/**
 * Adds the other letter case of every ASCII letter, and the two letters beyond ASCII that fold to one: K (U+212A) and ſ (U+017F). Undefined when
 * the set holds anything beyond ASCII, whose folding is not known here.
 */
export function foldAscii(ranges: CharRanges): CharRanges | undefined {
  const folded = [...ranges]
  for (let i = 0; i < ranges.length; i += 2) {
    if ((ranges[i + 1] ?? 0) > 0x7f) return undefined
    addFolded(folded, ranges[i] ?? 0, ranges[i + 1] ?? 0, 65)
    addFolded(folded, ranges[i] ?? 0, ranges[i + 1] ?? 0, 97)
  }
  const merged = mergeRanges(folded)
  const extra = [...merged]
  if (rangesMeet(merged, [107, 107])) extra.push(0x212a, 0x212a)
  if (rangesMeet(merged, [115, 115])) extra.push(0x17f, 0x17f)
  return mergeRanges(extra)
}

function addFolded(out: number[], first: number, last: number, base: number): void {
  const low = Math.max(first, base)
  const high = Math.min(last, base + 25)
  // Upper and lower case letters differ in bit 5.
  if (low <= high) out.push(low ^ 32, high ^ 32)
}
