/** Credentials of the Digest scheme (RFC 7616 §3.4). */

/** Parameters of an Authorization field, as byte strings; '' for those that are not there. */
export interface DigestCredentials {
  username: string
  realm: string
  nonce: string
  uri: string
  response: string
  algorithm: string
  cnonce: string
  opaque: string
  qop: string
  nc: string
}

/** Reads the value of an Authorization field; null when it holds no well-formed credentials of this scheme, or a parameter twice. */
export function readDigest(authorization: string): DigestCredentials | null {
  if (authorization.length < 7 || authorization.slice(0, 7).toLowerCase() !== 'digest ') return null
  const found: DigestCredentials = {
    username: '',
    realm: '',
    nonce: '',
    uri: '',
    response: '',
    algorithm: '',
    cnonce: '',
    opaque: '',
    qop: '',
    nc: '',
  }
  const seen = new Set<string>()
  let at = 7
  for (;;) {
    at = skipBlanks(authorization, at)
    const equals = authorization.indexOf('=', at)
    if (equals < 0) return null
    const name = authorization.slice(at, equals).trim().toLowerCase()
    if (name === '' || name.includes(',') || seen.has(name)) return null
    seen.add(name)
    at = skipBlanks(authorization, equals + 1)
    const end = endOfValue(authorization, at)
    if (end < 0) return null
    if (isKnown(found, name)) found[name] = unquoted(authorization.slice(at, end))
    at = skipBlanks(authorization, end)
    if (at === authorization.length) return found
    if (authorization[at] !== ',') return null
    at += 1
  }
}

function isKnown(found: DigestCredentials, name: string): name is keyof DigestCredentials {
  return Object.hasOwn(found, name)
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at += 1
  return at
}

/** Place behind a token or quoted string; -1 when a quote is not closed. */
function endOfValue(text: string, from: number): number {
  if (text[from] !== '"') {
    const comma = text.indexOf(',', from)
    return comma < 0 ? text.length : comma
  }
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
  }
  return -1
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value.trim()
  const inner = value.slice(1, -1)
  return inner.includes('\\') ? inner.replace(/\\(.)/gs, '$1') : inner
}
