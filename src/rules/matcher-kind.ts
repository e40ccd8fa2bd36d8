/** What a matcher is: how its arguments are checked, and what it asks of a request or connection. */
import { buildCidrSet, parseIpOrCidr } from '../std/cidr.ts'
import { compileRe2 } from '../std/re2.ts'
import { isAscii } from '../std/utf8.ts'

/** Answers whether an input matches; pure, synchronous, and without allocating where it can. */
export type Test<I> = (input: I) => boolean

/** A matcher of a rule language. */
export interface MatcherKind<I> {
  /** Least and greatest number of arguments. */
  readonly arity: readonly [min: number, max: number]
  /** Tells what is wrong with the arguments, none of them empty and as many as allowed; null when they are fine. */
  readonly check: (args: readonly string[]) => string | null
  /** Builds the test; the arguments have been checked. */
  readonly compile: (args: readonly string[]) => Test<I>
}

/** Runs a check on every argument; the first problem counts. */
export function checkEach(check: (arg: string) => string | null): (args: readonly string[]) => string | null {
  return (args) => {
    for (const arg of args) {
      const problem = check(arg)
      if (problem !== null) return problem
    }
    return null
  }
}

/** Accepts everything. */
export function checkNothing(): null {
  return null
}

/** Refuses text that does not start with a slash. */
export function checkPath(path: string): string | null {
  return path.startsWith('/') ? null : `path ${JSON.stringify(path)} does not start with a '/'`
}

/** Refuses non-ASCII hosts: names beyond ASCII are to be written in punycode. */
export function checkAsciiHost(host: string): string | null {
  return isAscii(host)
    ? null
    : `invalid value ${JSON.stringify(host)} for a host: non-ASCII characters are not allowed, write it in punycode`
}

/** Refuses what is no regular expression of Go. */
export function checkRegexp(pattern: string): string | null {
  try {
    compileRe2(pattern)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Refuses what is neither an address nor a range. */
export function checkIp(ip: string): string | null {
  return parseIpOrCidr(ip) === undefined ? `invalid IP address or range ${JSON.stringify(ip)}` : null
}

/** `ClientIP`, which is alike in all rule languages but for the number of arguments. */
export function clientIpKind(argsMax: number): MatcherKind<{ readonly clientIp: string }> {
  return {
    arity: [1, argsMax],
    check: checkEach(checkIp),
    compile: (args) => {
      const set = buildCidrSet(args.flatMap((arg) => parseIpOrCidr(arg) ?? []))
      return (input) => set.contains(input.clientIp)
    },
  }
}
