/** The text that a signature is made of (RFC 9421 §2.5). */
import type { Exchange } from '../../../http/exchange.ts'

/** The text for these components and this `@signature-params`; null when a component is not there, is not known, or comes twice. */
export function signatureBase(exchange: Exchange, components: readonly string[], params: string): string | null {
  if (new Set(components).size !== components.length) return null
  let base = ''
  for (const component of components) {
    const value = component.startsWith('@') ? derived(exchange, component) : fieldOf(exchange, component)
    if (value === null) return null
    base += `"${component}": ${value}\n`
  }
  return `${base}"@signature-params": ${params}`
}

function derived(exchange: Exchange, component: string): string | null {
  const { method, scheme, hasQuery, rawQuery } = exchange
  const path = exchange.path === '' ? '/' : exchange.path
  const query = hasQuery ? `?${rawQuery}` : ''
  switch (component) {
    case '@method':
      return method
    case '@scheme':
      return scheme
    case '@authority':
      return authorityOf(exchange)
    case '@path':
      return path
    case '@query':
      // Without a query it is the question mark alone (RFC 9421 §2.2.7).
      return query === '' ? '?' : query
    case '@request-target':
      return path + query
    case '@target-uri':
      return `${scheme}://${authorityOf(exchange)}${path}${query}`
    default:
      return null
  }
}

/** Host in lower case, without the port that its scheme has anyway (RFC 9421 §2.2.3). */
function authorityOf({ hostRaw, scheme }: Exchange): string {
  const authority = hostRaw.toLowerCase()
  const usual = scheme === 'https' ? ':443' : ':80'
  return authority.endsWith(usual) ? authority.slice(0, -usual.length) : authority
}

/** Lines of a field, each without blanks around it, joined (RFC 9421 §2.1). */
function fieldOf({ headers, hostRaw, body }: Exchange, name: string): string | null {
  if (name !== name.toLowerCase()) return null
  if (name === 'host') return hostRaw
  // What frames the body is not kept as a field once the head is read.
  if (name === 'content-length' && body !== null && body.length >= 0) return String(body.length)
  const values = headers.getAll(name)
  return values.length === 0 ? null : values.map((value) => value.trim()).join(', ')
}
