/** JSON whose integers keep all digits: priorities go up to 2^63, where doubles have gaps. */
import type { Json } from './format.ts'

/** Parses; integers that a double cannot hold become bigints. */
export function parseJson<T = Json>(text: string): T {
  const parsed: T = JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined) return value
    return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value
  })
  return parsed
}

/** Writes such values again. */
export function jsonText(value: unknown, indent?: number): string {
  const marked = JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? `\u0000${each}\u0000` : each), indent)
  return marked.replace(/"\\u0000(-?\d+)\\u0000"/g, '$1')
}
