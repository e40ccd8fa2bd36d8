import { compileRe2 } from '../../std/re2.ts'

/** Go's text about a regular expression that does not compile; undefined when it does. */
export function regexpError(pattern: string): string | undefined {
  try {
    compileRe2(pattern)
    return undefined
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}
