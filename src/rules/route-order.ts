/** Sorting in steps, since sorting 10,000 routes at once would hold up a worker. */

const runLength = 128
/** Items merged between two yields. */
const sliceLength = 512

/** Sorts without changing the input, yielding every few hundred items; stable. */
export function* sortSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Generator<void, T[]> {
  let sorted: T[] = []
  for (let at = 0; at < items.length; at += runLength) {
    for (const item of items.slice(at, at + runLength).sort(compare)) sorted.push(item)
    yield
  }
  for (let width = runLength; width < items.length; width *= 2) sorted = yield* mergeRuns(sorted, width, compare)
  return sorted
}

/** Merges neighbouring sorted runs of a width in twos. */
function* mergeRuns<T>(items: readonly T[], width: number, compare: (a: T, b: T) => number): Generator<void, T[]> {
  const merged: T[] = []
  for (let left = 0; left < items.length; left += width * 2) {
    const end = Math.min(left + width * 2, items.length)
    const middle = Math.min(left + width, end)
    let a = left
    let b = middle
    for (const first of items.slice(left, middle)) {
      for (let second = items[b]; b < end && second !== undefined && compare(first, second) > 0; second = items[b]) {
        merged.push(second)
        b += 1
      }
      merged.push(first)
      a += 1
      if (a % sliceLength === 0) yield
    }
    for (const second of items.slice(b, end)) merged.push(second)
    yield
  }
  return merged
}
