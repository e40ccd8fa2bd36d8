import { checkIpStrategy } from './ip-ranges.ts'

/** What makes two requests count as from one source, as far as it is checked here. */
export interface SourceCriterion {
  readonly ipStrategy?: { readonly depth: number; readonly excludedIPs: readonly string[]; readonly ipv6Subnet?: number }
  readonly requestHeaderName: string
  readonly requestHost: boolean
  readonly parts: readonly string[]
}

/** A part of a composite source: what it is, and the name where it needs one. */
export interface SourcePart {
  readonly kind: 'clientIP' | 'host' | 'method' | 'path' | 'router' | 'user' | 'header' | 'cookie' | 'query'
  readonly name: string
}

const plainParts = ['clientIP', 'host', 'method', 'path', 'router', 'user'] as const
const namedParts = ['header', 'cookie', 'query'] as const

/** Reads a part of a source, such as `clientIP` or `header:X-Api-Key`; undefined when it is none. */
export function parseSourcePart(text: string): SourcePart | undefined {
  const plain = plainParts.find((kind) => kind === text)
  if (plain !== undefined) return { kind: plain, name: '' }
  const colon = text.indexOf(':')
  const named = colon < 0 ? undefined : namedParts.find((kind) => kind === text.slice(0, colon))
  const name = text.slice(colon + 1).trim()
  return named === undefined || name === '' ? undefined : { kind: named, name }
}

/** What is wrong with a criterion; undefined when it is sound. */
export function checkSourceCriterion(criterion: SourceCriterion | undefined): string | undefined {
  if (criterion === undefined) return undefined
  const { ipStrategy, requestHeaderName, requestHost, parts } = criterion
  const chosen = [ipStrategy !== undefined, requestHeaderName !== '', requestHost]
  if (chosen.filter(Boolean).length > 1) return 'iPStrategy, RequestHeaderName and RequestHost are mutually exclusive'
  if (parts.length > 0 && (requestHeaderName !== '' || requestHost))
    return 'sourceCriterion.parts stands for requestHeaderName and requestHost'
  const bad = parts.find((part) => parseSourcePart(part) === undefined)
  if (bad !== undefined) return `sourceCriterion.parts: "${bad}" is no part of a source`
  return checkIpStrategy(ipStrategy)
}
