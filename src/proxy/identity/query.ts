/** Parameters of a query, for those that hold credentials. */
import type { Exchange } from '../http/exchange.ts'

/** Value of a parameter, decoded, as a byte string; null when there is none by this name. Of several the first counts. */
export function queryValue(rawQuery: string, name: string): string | null {
  if (rawQuery === '') return null
  for (const pair of rawQuery.split('&')) {
    const equals = pair.indexOf('=')
    if (decoded(equals < 0 ? pair : pair.slice(0, equals)) !== name) continue
    return equals < 0 ? '' : decoded(pair.slice(equals + 1))
  }
  return null
}

/** Takes a parameter off the query of a request. */
export function removeQueryValue(exchange: Exchange, name: string): void {
  const pairs = exchange.rawQuery.split('&')
  const kept = pairs.filter((pair) => decoded(pair.split('=')[0] ?? '') !== name)
  if (kept.length === pairs.length) return
  exchange.rawQuery = kept.join('&')
  exchange.hasQuery = kept.length > 0
  exchange.writtenQuery = ''
}

function decoded(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  return spaced.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
