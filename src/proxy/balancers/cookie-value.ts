/** Reads one cookie out of a request. */
import type { Exchange } from '../http/exchange.ts'

/** Value of the first cookie of this name (RFC 6265 §4.2), quotes taken off; null when there is none. */
export function cookieValue(exchange: Exchange, name: string): string | null {
  const { keys, values } = exchange.headers
  for (let index = keys.indexOf('cookie'); index >= 0; index = keys.indexOf('cookie', index + 1)) {
    const found = valueIn(values[index] ?? '', name)
    if (found !== null) return found
  }
  return null
}

function valueIn(line: string, name: string): string | null {
  let start = 0
  while (start < line.length) {
    let end = line.indexOf(';', start)
    if (end < 0) end = line.length
    while (start < end && isSpace(line.charCodeAt(start))) start += 1
    const afterName = start + name.length
    if (line.startsWith(name, start) && line.charCodeAt(afterName) === 0x3d && afterName < end) {
      const value = unquoted(line.slice(afterName + 1, end).trimEnd())
      // A value with characters that cookies cannot have is no cookie, and the next of the name counts.
      if (isCookieValue(value)) return value
    }
    start = end + 1
  }
  return null
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function isCookieValue(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code < 0x20 || code >= 0x7f || code === 0x22 || code === 0x5c || code === 0x3b) return false
  }
  return true
}
