/** Where a check goes: the server's URL with what the check's options put in its place. */
import type { HealthCheck } from './targets.ts'

/** An address to check. */
export interface CheckAddress {
  /** Scheme http or https; with a Unix socket the host is only a name. */
  readonly url: URL
  /** HTTP/2 without TLS and without asking first (RFC 9113 §3.3). */
  readonly h2c: boolean
  /** Path of a Unix socket; null for TCP. */
  readonly socketPath: string | null
}

/** Works out the address of a check; throws an Error that says why there is none. */
export function checkAddress(serverUrl: string, check: HealthCheck): CheckAddress {
  const unix = /^unix:\/\/(\/[^?#]*)/.exec(serverUrl)
  const base = parse(unix === null ? serverUrl : 'http://localhost/')
  const scheme = check.scheme === '' ? base.protocol.slice(0, -1) : check.scheme.toLowerCase()
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'h2c') throw new Error(`unsupported scheme "${scheme}"`)
  // Other schemes than http have other rules for paths in URLs, so the path is resolved under http.
  const root = parse(`${scheme === 'https' ? 'https' : 'http'}://${base.host}${base.pathname}${base.search}`)
  const url = resolvePath(check.path, root)
  if (check.port !== 0) url.port = String(check.port)
  url.username = ''
  url.password = ''
  url.hash = ''
  return { url, h2c: scheme === 'h2c', socketPath: unix?.[1] ?? null }
}

/** Resolves the path of a check; one that would lead to another server is refused. */
function resolvePath(path: string, base: URL): URL {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(path) || /^[/\\]{2}/.test(path)) throw new Error(`path "${path}" must be relative to the server`)
  const url = URL.parse(path, base)
  if (url === null || url.origin !== base.origin) throw new Error(`path "${path}" must be relative to the server`)
  return url
}

function parse(text: string): URL {
  const url = URL.parse(text)
  if (url === null || url.host === '') throw new Error('the server URL cannot be read')
  return url
}
