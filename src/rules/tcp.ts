/** The matchers of TCP rules in both syntaxes, and the tests built from rules. */
import { compileRe2 } from '../std/re2.ts'
import { combineTests } from './combine.ts'
import { equalsHost, matchesWildcard, wildcardSuffix } from './host-forms.ts'
import type { TcpMatchInput } from './match-input.ts'
import { checkAsciiHost, checkEach, checkRegexp, clientIpKind } from './matcher-kind.ts'
import type { MatcherKind, Test } from './matcher-kind.ts'
import { parseTemplate } from './template.ts'
import type { RuleNode } from './tree.ts'

/** Protocol of ACME challenges, which the router answers itself. */
const acmeProtocol = 'acme-tls/1'
const label = '[^.]+'

const alpn = (argsMax: number): MatcherKind<TcpMatchInput> => ({
  arity: [1, argsMax],
  check: checkEach((protocol) =>
    protocol === acmeProtocol ? `invalid protocol value for "ALPN" matcher, "${acmeProtocol}" is not allowed` : null,
  ),
  compile: (args) => (input) => {
    for (const protocol of args) if (input.alpn.includes(protocol)) return true
    return false
  },
})

function checkSni(name: string, form: RegExp): string | null {
  if (name === '*' || form.test(name)) return null
  return `invalid value for "HostSNI" matcher, ${JSON.stringify(name)} is not a valid hostname or IP`
}

function compileSni(name: string, takesWildcard: boolean): Test<TcpMatchInput> {
  if (name === '*') return (input) => input.sni !== ''
  const suffix = takesWildcard ? wildcardSuffix(name) : null
  return suffix === null ? (input) => equalsHost(input.sni, name) : (input) => matchesWildcard(input.sni, suffix)
}

function compileSniTemplate(template: string): (sni: string) => boolean {
  const { pattern } = parseTemplate(template, label)
  const name = template.toLowerCase()
  return pattern === null ? (sni) => sni === name : compileRe2(`(?i)^${pattern}$`).testBytes
}

function checkSniTemplate(template: string): string | null {
  try {
    const { pattern } = parseTemplate(template, label)
    return pattern === null ? null : checkRegexp(pattern)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Matchers of v3 by name. */
export const tcpV3: Readonly<Record<string, MatcherKind<TcpMatchInput>>> = {
  ClientIP: clientIpKind(1),
  ALPN: alpn(1),
  HostSNI: {
    arity: [1, 1],
    check: checkEach((name) => checkSni(name, /^(?:\*\.)?[\w.\-:]+$/)),
    // A lone `*` takes connections without a server name too.
    compile: ([name = '']) => (name === '*' ? () => true : compileSni(name.toLowerCase(), true)),
  },
  HostSNIRegexp: {
    arity: [1, 1],
    check: checkEach((pattern) => checkAsciiHost(pattern) ?? checkRegexp(pattern)),
    compile: ([pattern = '']) => {
      const { testBytes } = compileRe2(pattern)
      return (input) => testBytes(input.sni)
    },
  },
}

/** Matchers of v2 by name. */
export const tcpV2: Readonly<Record<string, MatcherKind<TcpMatchInput>>> = {
  ClientIP: clientIpKind(Infinity),
  ALPN: alpn(Infinity),
  HostSNI: {
    arity: [1, Infinity],
    check: checkEach((name) => checkSni(name, /^[\w.\-:]+$/)),
    compile: (args) => {
      // Only a `*` that comes first takes connections without a server name.
      if (args[0] === '*') return () => true
      const tests = args.map((name) => compileSni(name.toLowerCase(), false))
      return (input) => tests.some((test) => test(input))
    },
  },
  HostSNIRegexp: {
    arity: [1, Infinity],
    check: checkEach(checkSniTemplate),
    compile: (args) => {
      const tests = args.map(compileSniTemplate)
      return (input) => tests.some((test) => test(input.sni))
    },
  },
}

/** Builds the test of a TCP rule that has passed `checkRule`. */
export function compileTcpMatcher(node: RuleNode): Test<TcpMatchInput> {
  return combineTests(node, ({ name, args, syntax }) => (syntax === 'v2' ? tcpV2 : tcpV3)[name]?.compile(args))
}
