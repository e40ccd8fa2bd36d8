/** Looks parameters up in a raw query as Go's `url.ParseQuery` reads it, without building a map. Byte strings throughout. */

/** Value of the pair that `seekPair` stopped at. */
let value = ''

/** Value of the pair found last. */
export function pairValue(): string {
  return value
}

/**
 * Finds the next pair with a key at or after a place and keeps its value for `pairValue`. Returns the place after it, -1 when there is none.
 * Pairs that cannot be decoded are passed over. A semicolon separates pairs like an ampersand: what reaches the rules has it so.
 */
export function seekPair(query: string, key: string, from: number): number {
  let at = from
  while (at < query.length) {
    const end = pairEnd(query, at)
    const equals = query.indexOf('=', at)
    const keyEnd = equals < 0 || equals > end ? end : equals
    if (end > at && hasKey(query, at, keyEnd, key)) {
      const decoded = decode(query.slice(Math.min(keyEnd + 1, end), end))
      if (decoded !== null) {
        value = decoded
        return end + 1
      }
    }
    at = end + 1
  }
  return -1
}

function pairEnd(query: string, start: number): number {
  let at = start
  while (at < query.length) {
    const code = query.charCodeAt(at)
    if (code === 38 || code === 59) break
    at += 1
  }
  return at
}

function hasKey(query: string, start: number, end: number, key: string): boolean {
  if (end - start === key.length && query.startsWith(key, start) && !isEncoded(key)) return true
  // A decoded key is never longer than its raw form.
  if (end - start < key.length) return false
  const raw = query.slice(start, end)
  return isEncoded(raw) && decode(raw) === key
}

function isEncoded(text: string): boolean {
  return text.includes('%') || text.includes('+')
}

/** Decodes `%xx` and `+`; null when an escape is malformed. */
function decode(raw: string): string | null {
  if (!isEncoded(raw)) return raw
  let out = ''
  for (let i = 0; i < raw.length; i += 1) {
    const char = raw.charAt(i)
    if (char === '+') out += ' '
    else if (char === '%') {
      const high = hexDigit(raw.charCodeAt(i + 1))
      const low = hexDigit(raw.charCodeAt(i + 2))
      if (high < 0 || low < 0) return null
      out += String.fromCharCode(high * 16 + low)
      i += 2
    } else out += char
  }
  return out
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
