/** What a client gets of the head of a server's answer: fields in their order, without those that belong to the server's connection. */
import type { Exchange } from '../http/exchange.ts'
import type { HeaderList } from '../http/header-list.ts'
import { connectionListed, hasToken } from './request-head.ts'

/** Deletes fields that belong to the connection or to framing (RFC 9110 §7.6.1); Trailer stays, since trailers pass. */
export function dropConnectionFields(headers: HeaderList): void {
  const { keys } = headers
  const listed = connectionListed(headers)
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index]!
    if (isConnectionField(key) || (listed !== null && listed.includes(key))) keys[index] = ''
  }
}

function isConnectionField(key: string): boolean {
  switch (key.length) {
    case 2:
      return key === 'te'
    case 7:
      return key === 'upgrade'
    case 10:
      return key === 'connection' || key === 'keep-alive'
    case 14:
      return key === 'content-length'
    case 16:
      return key === 'proxy-connection'
    case 17:
      return key === 'transfer-encoding'
    case 18:
      return key === 'proxy-authenticate'
    case 19:
      return key === 'proxy-authorization'
    default:
      return false
  }
}

/** Puts the server's fields behind those that were set before, such as sticky cookies. */
export function takeHeaders(exchange: Exchange, headers: HeaderList): void {
  const before = exchange.responseHeaders
  if (before.length > 0) {
    for (let index = 0; index < headers.length; index += 1) {
      const key = headers.keys[index]!
      if (key !== '') before.push(headers.names[index]!, key, headers.values[index]!)
    }
    return
  }
  exchange.responseHeaders = headers
}

/** The protocol that an answer 101 changes to, in lower case; '' when Connection does not say so (RFC 9110 §7.8). */
export function upgradeOf(headers: HeaderList): string {
  const value = headers.get('upgrade')
  if (value === undefined) return ''
  return headers.getAll('connection').some((line) => hasToken(line, 'upgrade')) ? value.toLowerCase() : ''
}

/** Whether the server asks for a login that is bound to the connection (RFC 4559, NTLM). */
export function bindsLoginToConnection(headers: HeaderList): boolean {
  const { keys, values } = headers
  for (let index = keys.indexOf('www-authenticate'); index >= 0; index = keys.indexOf('www-authenticate', index + 1)) {
    if (/^\s*(?:ntlm|negotiate)\b/i.test(values[index] ?? '')) return true
  }
  return false
}

/** Whether an answer is packed by gzip and nothing else. */
export function isGzip(headers: HeaderList): boolean {
  const { keys, values } = headers
  const index = keys.indexOf('content-encoding')
  if (index < 0 || keys.includes('content-encoding', index + 1)) return false
  return (values[index] ?? '').toLowerCase() === 'gzip'
}
