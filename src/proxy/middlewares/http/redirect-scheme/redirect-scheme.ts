/** `redirectScheme`: redirects requests of another scheme or port. */
import type { RedirectSchemeOptions } from '../../../../config/routing/middlewares/redirect-scheme.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { portOfHost } from '../../../http/host.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { redirect, requestUri } from '../../../http/redirect.ts'

/** Redirects to the same URL with another scheme and port, unless the client is there already. */
export const redirectScheme = defineMiddleware<RedirectSchemeOptions>({
  key: 'redirectScheme',
  isPure: true,
  create(options) {
    const { scheme, port, permanent } = options
    const isDefaultPort = (scheme === 'http' && port === '80') || (scheme === 'https' && port === '443')
    const start = textToBytes(`${scheme}://`)
    const portText = port === '' || isDefaultPort ? '' : textToBytes(`:${port}`)
    return (next) => (exchange) => {
      const authority = authorityOf(exchange)
      const hostEnd = hostLength(authority)
      const uri = requestUri(exchange)
      const current = clientScheme(exchange)
      const before = `${current}://${withoutDefaultPort(authority, current)}${uri}`
      const after = start + authority.slice(0, hostEnd) + portText + authority.slice(portEnd(authority, hostEnd)) + uri
      if (after === before) return next(exchange)
      redirect(exchange, after, permanent)
      return undefined
    }
  },
})

/** Scheme as X-Forwarded-Proto has it, WebSocket schemes taken for those they run on; other values do not count. */
function clientScheme(exchange: Exchange): string {
  const proto = exchange.headers.get('x-forwarded-proto')
  if (proto === undefined || proto === 'http' || proto === 'https') return proto ?? exchange.scheme
  const lower = proto.toLowerCase()
  if (lower === 'http' || lower === 'ws') return 'http'
  return lower === 'https' || lower === 'wss' ? 'https' : exchange.scheme
}

/** Host and port; the brackets of IPv6 are lost beside a port, as in Traefik, so that such a redirection is answered with 502. */
function authorityOf(exchange: Exchange): string {
  const { hostRaw } = exchange
  return hostRaw.startsWith('[') && hostRaw.includes(']:') ? hostRaw.replace('[', '').replace(']:', ':') : hostRaw
}

function withoutDefaultPort(authority: string, scheme: string): string {
  const port = portOfHost(authority)
  if (port === '' || port !== (scheme === 'https' ? '443' : '80')) return authority
  return authority.slice(0, -port.length - 1)
}

/** Length of what is a host at the begin: word characters, dots and dashes, or IPv6 in brackets. */
function hostLength(authority: string): number {
  if (authority.startsWith('[')) {
    let at = 1
    while (at < authority.length && (isWord(authority.charCodeAt(at)) || authority[at] === ':' || authority[at] === '.')) at += 1
    return at > 1 && authority[at] === ']' ? at + 1 : 0
  }
  let at = 0
  while (at < authority.length && (isWord(authority.charCodeAt(at)) || authority[at] === '.' || authority[at] === '-')) at += 1
  return at
}

/** Place behind the port that follows the host, or the end of the host when there is none. */
function portEnd(authority: string, hostEnd: number): number {
  if (authority.charCodeAt(hostEnd) !== 58) return hostEnd
  let at = hostEnd + 1
  while (at < authority.length && isDigit(authority.charCodeAt(at))) at += 1
  return at === hostEnd + 1 ? hostEnd : at
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isWord(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
}
