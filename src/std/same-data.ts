/** Equality of plain data: primitives, arrays and objects without prototypes of their own; shared memory equals itself alone. Functions and cycles do not occur. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index] && !sameData(a[index], b[index])) return false
    return true
  }
  if (!isPlainObject(a) || !isPlainObject(b)) return false
  let count = 0
  for (const key in a) {
    const [one, other] = [a[key], b[key]]
    if ((one !== other && !sameData(one, other)) || (other === undefined && !Object.hasOwn(b, key))) return false
    count += 1
  }
  for (const _ in b) count -= 1
  return count === 0
}

/**
 * Puts in the place of every part of `after`, down to `depth` levels, the part of `before` that equals it, so that who comes later can tell by
 * identity what changed. Returns `before` itself when nothing did, else `after`.
 */
export function shareSameData<T>(before: unknown, after: T, depth: number): T {
  if (depth === 0 || before === after || !isPlainObject(before) || !isPlainObject(after)) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- equal data has the type of what it equals.
    return sameData(before, after) ? (before as T) : after
  }
  const parts: Record<string, unknown> = after
  let same = true
  let count = 0
  for (const key in parts) {
    const old = before[key]
    const part = parts[key]
    const shared = shareSameData(old, part, depth - 1)
    if (shared !== old || (old === undefined && !Object.hasOwn(before, key))) same = false
    if (shared !== part) parts[key] = shared
    count += 1
  }
  for (const _ in before) count -= 1
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- equal data has the type of what it equals.
  return same && count === 0 ? (before as T) : after
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof SharedArrayBuffer)
}
