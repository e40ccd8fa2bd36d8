/** The matchers of HTTP rules in v3 syntax. */
import { compileRe2 } from '../std/re2.ts'
import { textToBytes } from '../std/utf8.ts'
import { equalsHost, matchesWildcard, wildcardSuffix } from './host-forms.ts'
import type { MatchInput } from './match-input.ts'
import { checkAsciiHost, checkEach, checkNothing, checkPath, checkRegexp, clientIpKind } from './matcher-kind.ts'
import type { MatcherKind, Test } from './matcher-kind.ts'
import { pairValue, seekPair } from './query.ts'

/** Name fields that Go keeps apart from the header: no matcher sees them among the headers. */
const notHeaders = new Set(['host', 'transfer-encoding', 'trailer'])

/** True for a header that rules can never see. */
export function isHiddenHeader(lowerCaseName: string): boolean {
  return notHeaders.has(lowerCaseName)
}

/** Lower-case name of a header, as byte string. */
export function headerKey(name: string): string {
  return textToBytes(name).replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Matchers by name. */
export const httpV3: Readonly<Record<string, MatcherKind<MatchInput>>> = {
  ClientIP: clientIpKind(1),

  Method: {
    arity: [1, 1],
    check: checkNothing,
    compile: ([method = '']) => {
      const upper = textToBytes(method.toUpperCase())
      return (input) => input.method === upper
    },
  },

  Host: { arity: [1, 1], check: checkEach(checkAsciiHost), compile: ([host = '']) => compileHost(host.toLowerCase()) },

  HostRegexp: {
    arity: [1, 1],
    check: checkEach((pattern) => checkAsciiHost(pattern) ?? checkRegexp(pattern)),
    compile: ([pattern = '']) => {
      const { testBytes } = compileRe2(pattern)
      // Without a flattened host an empty one is tried, as Traefik does: a pattern that takes nothing at all takes every host.
      const takesEmpty = testBytes('')
      return (input) => testBytes(input.host) || (hasFlatHost(input) ? testBytes(input.flatHost) : takesEmpty)
    },
  },

  Path: {
    arity: [1, 1],
    check: checkEach(checkPath),
    compile: ([path = '']) => {
      const bytes = textToBytes(path)
      return (input) => input.routingPath === bytes
    },
  },

  PathPrefix: {
    arity: [1, 1],
    check: checkEach(checkPath),
    compile: ([prefix = '']) => {
      const bytes = textToBytes(prefix)
      return (input) => input.routingPath.startsWith(bytes)
    },
  },

  PathRegexp: {
    arity: [1, 1],
    check: checkEach(checkRegexp),
    compile: ([pattern = '']) => {
      const { testBytes } = compileRe2(pattern)
      return (input) => testBytes(input.routingPath)
    },
  },

  Header: {
    arity: [2, 2],
    check: checkNothing,
    compile: ([name = '', value = '']) => {
      const bytes = textToBytes(value)
      return compileHeader(name, (sent) => sent === bytes)
    },
  },

  HeaderRegexp: {
    arity: [2, 2],
    check: ([, pattern = '']) => checkRegexp(pattern),
    compile: ([name = '', pattern = '']) => compileHeader(name, compileRe2(pattern).testBytes),
  },

  Query: {
    arity: [1, 2],
    check: checkNothing,
    compile: ([key = '', value = '']) => {
      const bytes = textToBytes(value)
      return compileQuery(key, (sent) => sent === bytes)
    },
  },

  QueryRegexp: {
    arity: [1, 2],
    check: ([, pattern]) => (pattern === undefined ? null : checkRegexp(pattern)),
    // A key alone asks for an empty value, as `Query` does.
    compile: ([key = '', pattern]) => compileQuery(key, pattern === undefined ? (sent) => sent === '' : compileRe2(pattern).testBytes),
  },
}

function hasFlatHost(input: MatchInput): input is MatchInput & { readonly flatHost: string } {
  return input.flatHost !== undefined && input.flatHost !== ''
}

function compileHost(host: string): Test<MatchInput> {
  if (host === '*') return () => true
  const suffix = wildcardSuffix(host)
  if (suffix !== null)
    return (input) => matchesWildcard(input.host, suffix) || (hasFlatHost(input) && matchesWildcard(input.flatHost, suffix))
  return (input) => equalsHost(input.host, host) || (hasFlatHost(input) && equalsHost(input.flatHost, host))
}

/** Builds a test that asks whether a header has a value, in any of its lines. */
export function compileHeader(name: string, accepts: (value: string) => boolean): Test<MatchInput> {
  const key = headerKey(name)
  if (isHiddenHeader(key)) return () => false
  return (input) => {
    const values = input.headerValues(key)
    for (let i = 0; i < values.length; i += 1) if (accepts(values[i] ?? '')) return true
    return false
  }
}

function compileQuery(key: string, accepts: (value: string) => boolean): Test<MatchInput> {
  const bytes = textToBytes(key)
  return (input) => {
    const query = input.rawQuery
    for (let at = seekPair(query, bytes, 0); at >= 0; at = seekPair(query, bytes, at)) if (accepts(pairValue())) return true
    return false
  }
}
