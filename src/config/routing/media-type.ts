/** Media types as Go's mime package reads them, as far as options need it. */

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** The type of a Content-Type value in lower case, without parameters; undefined when it is none. */
export function parseMediaType(value: string): string | undefined {
  const semicolon = value.indexOf(';')
  const type = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase()
  const slash = type.indexOf('/')
  // Go takes a lone token, such as the disposition `inline`, for a media type too.
  if (slash < 0) return token.test(type) ? type : undefined
  return token.test(type.slice(0, slash)) && token.test(type.slice(slash + 1)) ? type : undefined
}

/** What is wrong with a media type, in Go's words; undefined when it is one. */
export function mediaTypeProblem(value: string): string | undefined {
  if (parseMediaType(value) !== undefined) return undefined
  const type = (value.split(';')[0] ?? '').trim()
  if (type === '') return 'mime: no media type'
  const [first = '', second] = type.split('/')
  if (!token.test(first) || second === undefined) return 'mime: expected slash after first token'
  return second === '' || !token.test(second.charAt(0))
    ? 'mime: expected token after slash'
    : 'mime: unexpected content after media subtype'
}
