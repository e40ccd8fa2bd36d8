/** The matchers of HTTP rules in v2 syntax: any number of arguments, patterns in braces. */
import { compileRe2 } from '../std/re2.ts'
import { textToBytes } from '../std/utf8.ts'
import { equalsHost, stripPort } from './host-forms.ts'
import { compileHeader } from './http-v3.ts'
import type { MatchInput } from './match-input.ts'
import { checkAsciiHost, checkEach, checkNothing, checkPath, checkRegexp, clientIpKind } from './matcher-kind.ts'
import type { MatcherKind, Test } from './matcher-kind.ts'
import { pairValue, seekPair } from './query.ts'
import { parseTemplate, quoteLiteral } from './template.ts'

/** What a name alone in braces takes. */
const segment = '[^/]+'
const label = '[^.]+'
const anyText = '.*'

const host: MatcherKind<MatchInput> = {
  arity: [1, Infinity],
  check: checkEach(checkAsciiHost),
  compile: (args) => anyOf(args.map((arg) => compileHost(arg.toLowerCase()))),
}

/** Matchers by name. */
export const httpV2: Readonly<Record<string, MatcherKind<MatchInput>>> = {
  ClientIP: clientIpKind(Infinity),

  Method: {
    arity: [1, Infinity],
    check: checkNothing,
    compile: (args) => {
      const methods = args.map((method) => textToBytes(method.toUpperCase()))
      return (input) => methods.includes(input.method)
    },
  },

  Host: host,
  HostHeader: host,

  HostRegexp: {
    arity: [1, Infinity],
    check: checkEach((arg) => checkAsciiHost(arg) ?? checkTemplate(arg, label)),
    compile: (args) => anyOf(args.map(compileHostTemplate)),
  },

  Path: {
    arity: [1, Infinity],
    check: checkEach((arg) => checkPath(arg) ?? checkTemplate(arg, segment)),
    compile: (args) => anyOf(args.map((arg) => compilePath(arg, true))),
  },

  PathPrefix: {
    arity: [1, Infinity],
    check: checkEach((arg) => checkPath(arg) ?? checkTemplate(arg, segment)),
    compile: (args) => anyOf(args.map((arg) => compilePath(arg, false))),
  },

  Headers: {
    arity: [2, Infinity],
    check: checkPairs,
    compile: (args) => allOf(pairsOf(args).map(([name, value]) => compileHeaderEqual(name, value))),
  },

  HeadersRegexp: {
    arity: [2, Infinity],
    check: (args) => checkPairs(args) ?? checkEach(checkRegexp)(pairsOf(args).map(([, pattern]) => pattern)),
    compile: (args) => allOf(pairsOf(args).map(([name, pattern]) => compileHeader(name, compileRe2(pattern).testBytes))),
  },

  Query: {
    arity: [1, Infinity],
    check: checkQuery,
    compile: (args) => allOf(queryTemplates(args).map(compileQueryTemplate)),
  },
}

function anyOf(tests: readonly Test<MatchInput>[]): Test<MatchInput> {
  const [only] = tests
  if (tests.length === 1 && only !== undefined) return only
  return (input) => {
    for (const test of tests) if (test(input)) return true
    return false
  }
}

function allOf(tests: readonly Test<MatchInput>[]): Test<MatchInput> {
  return (input) => {
    for (const test of tests) if (!test(input)) return false
    return true
  }
}

function compileHost(name: string): Test<MatchInput> {
  return (input) => equalsHost(input.host, name) || (input.flatHost !== undefined && equalsHost(input.flatHost, name))
}

function checkTemplate(template: string, defaultPattern: string): string | null {
  try {
    const { pattern } = parseTemplate(template, defaultPattern)
    return pattern === null ? null : checkRegexp(pattern)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function compileHostTemplate(template: string): Test<MatchInput> {
  const { pattern } = parseTemplate(template, label)
  if (pattern === null) {
    const name = template.toLowerCase()
    return (input) => stripPort(input.hostRaw).toLowerCase() === name
  }
  const { testBytes } = compileRe2(`(?i)^${pattern}$`)
  return (input) => testBytes(stripPort(input.hostRaw))
}

function compilePath(template: string, whole: boolean): Test<MatchInput> {
  const { pattern } = parseTemplate(template, segment)
  if (pattern !== null) {
    const { testBytes } = compileRe2(`^${pattern}${whole ? '$' : ''}`)
    return (input) => testBytes(input.routingPath)
  }
  const bytes = textToBytes(template)
  return whole ? (input) => input.routingPath === bytes : (input) => input.routingPath.startsWith(bytes)
}

function checkPairs(args: readonly string[]): string | null {
  return args.length % 2 === 0 ? null : `number of parameters must be a multiple of 2, got ${args.length}`
}

/** Names and values in turn; a name given twice counts with its last value. */
function pairsOf(args: readonly string[]): (readonly [name: string, value: string])[] {
  const pairs = new Map<string, string>()
  for (let i = 0; i + 1 < args.length; i += 2) pairs.set(args[i] ?? '', args[i + 1] ?? '')
  return [...pairs]
}

function compileHeaderEqual(name: string, value: string): Test<MatchInput> {
  const bytes = textToBytes(value)
  return compileHeader(name, (sent) => sent === bytes)
}

/** `k=v` gives a template; arguments without `=` are taken in twos, as Traefik takes them. */
function queryTemplates(args: readonly string[]): (readonly [key: string, value: string])[] {
  const parts = querySides(args)
  const templates: [string, string][] = []
  for (let i = 0; i + 1 < parts.length; i += 2) templates.push([parts[i] ?? '', parts[i + 1] ?? ''])
  return templates
}

function querySides(args: readonly string[]): readonly string[] {
  return args.flatMap((arg) => {
    const equals = arg.indexOf('=')
    return equals < 0 ? [arg] : [arg.slice(0, equals), arg.slice(equals + 1)]
  })
}

function checkQuery(args: readonly string[]): string | null {
  const problem = checkPairs(querySides(args))
  if (problem !== null) return problem
  const known = new Set<string>()
  for (const [key, value] of queryTemplates(args)) {
    const bad = checkTemplate(`${key}=${value}`, anyText)
    if (bad !== null) return bad
    for (const name of parseTemplate(`${key}=${value}`, anyText).names) {
      if (known.has(name)) return `name ${JSON.stringify(name)} is used twice`
      known.add(name)
    }
  }
  return null
}

/** Looks at the first value of the key only; an empty value in the rule takes any. */
function compileQueryTemplate([key, value]: readonly [key: string, value: string]): Test<MatchInput> {
  const keyBytes = textToBytes(key)
  const { pattern } = parseTemplate(`${key}=${value}`, anyText)
  const valueBytes = textToBytes(value)
  if (pattern === null && value !== '') return (input) => seekPair(input.rawQuery, keyBytes, 0) >= 0 && pairValue() === valueBytes
  const { testBytes } = compileRe2(`^${pattern ?? quoteLiteral(`${key}=`)}${value === '' ? anyText : ''}$`)
  return (input) => seekPair(input.rawQuery, keyBytes, 0) >= 0 && testBytes(`${keyBytes}=${pairValue()}`)
}
