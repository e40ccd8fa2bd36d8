/** Cookies of a request (RFC 6265 §4.2). */
import type { HeaderList } from '../http/header-list.ts'

/** Value of a cookie, without quotes around it; null when there is none by this name. Of several the first counts. */
export function cookieValue(headers: HeaderList, name: string): string | null {
  for (const line of headers.getAll('cookie')) {
    for (const pair of line.split(';')) {
      const equals = pair.indexOf('=')
      if (equals < 0 || pair.slice(0, equals).trim() !== name) continue
      const value = pair.slice(equals + 1).trim()
      return value.startsWith('"') && value.endsWith('"') && value.length >= 2 ? value.slice(1, -1) : value
    }
  }
  return null
}

/** Takes cookies off a request. */
export function removeCookies(headers: HeaderList, isRemoved: (name: string) => boolean): void {
  const lines = headers.getAll('cookie')
  if (lines.length === 0) return
  const pairs = lines.flatMap((line) => line.split(';')).map((pair) => pair.trim())
  const kept = pairs.filter((pair) => pair !== '' && !isRemoved((pair.split('=')[0] ?? '').trim()))
  if (kept.length === pairs.length) return
  headers.delete('cookie')
  if (kept.length > 0) headers.add('Cookie', kept.join('; '))
}
