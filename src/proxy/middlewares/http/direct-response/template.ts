/** Texts with facts of the request in them, escaped for the media type that they go into. */
import type { Exchange } from '../../../http/exchange.ts'
import { withoutControls } from '../../../http/field-value.ts'

/** Longest fact that goes into a body, in bytes. */
const factLengthMax = 2048

type Fact = (exchange: Exchange, status: number) => string

const facts: Readonly<Record<string, Fact>> = {
  method: (exchange) => exchange.method,
  scheme: (exchange) => exchange.scheme,
  host: (exchange) => exchange.hostRaw,
  path: (exchange) => exchange.path,
  query: (exchange) => exchange.rawQuery,
  clientIp: (exchange) => exchange.clientIp,
  status: (_exchange, status) => String(status),
}

/** Makes a body (a byte string) out of a template; names that are none of the facts stay as they are. */
export function compileTemplate(template: string, contentType: string): (exchange: Exchange, status: number) => string {
  const escape = escapeFor(contentType)
  const parts: (string | Fact)[] = []
  let rest = 0
  for (const match of template.matchAll(/\{(\w+)\}/g)) {
    const name = match[1] ?? ''
    const fact = Object.hasOwn(facts, name) ? facts[name] : undefined
    if (fact === undefined) continue
    parts.push(template.slice(rest, match.index), fact)
    rest = match.index + match[0].length
  }
  parts.push(template.slice(rest))
  return (exchange, status) => {
    let body = ''
    for (const part of parts) body += typeof part === 'string' ? part : escape(part(exchange, status).slice(0, factLengthMax))
    return body
  }
}

/** What a client wrote must not become markup, or end a JSON string. */
function escapeFor(contentType: string): (text: string) => string {
  const type = contentType.toLowerCase()
  if (type.includes('json')) return (text) => JSON.stringify(withoutControls(text)).slice(1, -1)
  if (type.startsWith('text/plain')) return withoutControls
  return (text) => withoutControls(text).replace(/[&<>"'`=]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
