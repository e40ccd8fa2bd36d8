/** The matchers of each rule language, and how they may be spelled. */
import type { RuleLanguage } from './tree.ts'

const matchers = {
  http: {
    v3: ['ClientIP', 'Method', 'Host', 'HostRegexp', 'Path', 'PathPrefix', 'PathRegexp', 'Header', 'HeaderRegexp', 'Query', 'QueryRegexp'],
    v2: ['ClientIP', 'Method', 'Host', 'HostHeader', 'HostRegexp', 'Path', 'PathPrefix', 'Headers', 'HeadersRegexp', 'Query'],
  },
  tcp: {
    v3: ['HostSNI', 'HostSNIRegexp', 'ClientIP', 'ALPN'],
    v2: ['HostSNI', 'HostSNIRegexp', 'ClientIP', 'ALPN'],
  },
} as const

/** Spellings that are taken: as documented, all lower, all upper, and lower with a capital. */
function spellings(names: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  for (const name of names) {
    const lower = name.toLowerCase()
    for (const spelling of [name, lower, name.toUpperCase(), name.charAt(0) + lower.slice(1)]) map.set(spelling, name)
  }
  return map
}

const names = {
  http: { v3: spellings(matchers.http.v3), v2: spellings(matchers.http.v2) },
  tcp: { v3: spellings(matchers.tcp.v3), v2: spellings(matchers.tcp.v2) },
}

/** Finds the documented name of a matcher by one of its spellings; undefined when the language has no such matcher. */
export function findMatcher(spelling: string, language: RuleLanguage): string | undefined {
  return names[language.protocol][language.syntax].get(spelling)
}

/** Documented names of a language's matchers. */
export function matcherNames(language: RuleLanguage): readonly string[] {
  return matchers[language.protocol][language.syntax]
}
