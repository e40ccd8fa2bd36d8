import { toText } from './bytes.ts'
import type { Place } from './error.ts'

/** Gives the line and column, in characters, of an offset in a byte string. */
export function placeOf(source: string, offset: number): Place {
  const before = source.slice(0, offset)
  const lineFrom = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line++
  return { line, column: Array.from(toText(before.slice(lineFrom))).length + 1 }
}
