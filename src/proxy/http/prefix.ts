/** Taking a prefix off the path, for the middlewares that do. */
import type { Exchange } from './exchange.ts'
import { withoutControls } from './field-value.ts'
import { decodedPath, encodedPath, staysCanonical } from './path.ts'
import { respondPlainError } from './respond.ts'

/**
 * Takes a prefix, given in decoded form, off a path that begins with it in decoded form, and tells it to servers in X-Forwarded-Prefix. What is
 * left begins with a slash unless it is empty. False when that would not be clean (`/api../x` without `/api`) and 400 was answered: a server
 * that cleans paths would serve something else than what was routed.
 */
export function takePrefixOff(exchange: Exchange, prefix: string, forceSlash: boolean): boolean {
  const { path } = exchange
  const left = restBehind(path, prefix)
  const rest = left === '' && forceSlash ? '/' : left
  if (rest !== '' && !staysCanonical(rest)) {
    respondPlainError(exchange, 400, 'Bad Request', 'bad_path')
    return false
  }
  exchange.path = rest
  exchange.headers.push('X-Forwarded-Prefix', 'x-forwarded-prefix', withoutControls(prefix))
  return true
}

function restBehind(path: string, prefix: string): string {
  if (!path.includes('%')) return withSlash(path.slice(prefix.length))
  // Each character of the decoded prefix takes one character of the path, or an escape of three.
  let at = 0
  for (let taken = 0; taken < prefix.length; taken += 1) at += path[at] === '%' ? 3 : 1
  const raw = path.slice(at)
  return raw === '' ? '' : encodedPath(withSlash(decodedPath(raw)), withSlash(raw))
}

function withSlash(path: string): string {
  return path === '' || path.startsWith('/') ? path : `/${path}`
}
