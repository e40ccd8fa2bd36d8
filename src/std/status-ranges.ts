/** Inclusive ranges of HTTP statuses. */
export type StatusRanges = readonly (readonly [number, number])[]

/** Reads codes and ranges such as "500" and "500-599"; the first text that is neither is the `problem`. A reversed range matches nothing, of three numbers two count. */
export function parseStatusRanges(texts: readonly string[]): { readonly ranges: StatusRanges } | { readonly problem: string } {
  const ranges: [number, number][] = []
  for (const text of texts) {
    const match = /^(\d{1,9})(?:-(\d{1,9})(?:-.*)?)?$/.exec(text.trim())
    if (match === null) return { problem: text }
    const from = Number(match[1])
    ranges.push([from, match[2] === undefined ? from : Number(match[2])])
  }
  return { ranges }
}

/** Reads texts that have been checked; throws an Error with a readable text where one is neither a code nor a range. */
export function statusRangesOf(texts: readonly string[]): StatusRanges {
  const parsed = parseStatusRanges(texts)
  if ('problem' in parsed) throw new Error(`status: "${parsed.problem}" is no status or range of statuses`)
  return parsed.ranges
}

/** Whether a status is in one of the ranges. */
export function inStatusRanges(ranges: StatusRanges, status: number): boolean {
  for (const [from, to] of ranges) if (status >= from && status <= to) return true
  return false
}
