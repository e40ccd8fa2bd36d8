/** The client's Connection field: what it lists is taken off at the entry point, before rules and middlewares look (RFC 9110 §7.6.1). */
import type { Exchange } from './exchange.ts'
import { looksManaged } from './managed-headers.ts'

/**
 * Removes the fields that Connection lists, and Connection itself but for what must stay visible: `Upgrade`, and the fields in `kept` (lower
 * case), which leave only when the request is forwarded. Managed fields cannot be listed away. `at` is the place of the first Connection line.
 */
export function applyConnection(exchange: Exchange, at: number, kept: readonly string[]): void {
  const { keys, values } = exchange.headers
  const single = values[at]!
  if ((single === 'keep-alive' || single === 'close' || single === 'Keep-Alive') && keys.indexOf('connection', at + 1) < 0) {
    keys[at] = ''
    return
  }
  let staying = ''
  for (let line = at; line >= 0; line = keys.indexOf('connection', line + 1)) {
    for (const part of values[line]!.split(',')) {
      const name = part.trim().toLowerCase()
      if (name === '' || name === 'connection' || looksManaged(name)) continue
      if (kept.includes(name)) staying = staying === '' ? part.trim() : `${staying},${part.trim()}`
      else if (name !== 'upgrade' || exchange.upgrade === '') exchange.headers.delete(name)
    }
  }
  if (exchange.upgrade !== '') staying = staying === '' ? 'Upgrade' : `${staying},Upgrade`
  if (staying === '') exchange.headers.delete('connection')
  else exchange.headers.set('Connection', staying)
}
