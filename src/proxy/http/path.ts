/**
 * Paths of request targets, as byte strings (one character a byte). An exchange holds one escaped form that is matched and forwarded alike;
 * everything here is about reaching that form and staying in it.
 *
 * Go keeps a path twice, decoded (`Path`) and as it was written (`RawPath`), and takes the written form only while it is well-formed and says
 * the same. Traefik's middlewares change both halves; `encodedPath` puts two halves together again by Go's rule.
 */
import { bytesToText } from '../../std/utf8.ts'

/** Classes of bytes in a written path. */
const plain = 0
const percent = 1
/** May stand in a written path, but is escaped when a path is written anew. */
const delimiter = 2
/** Must be escaped: Go forgets the written form of a path that has one. */
const foreign = 4
/** Never in the path of a request: controls, space and `#`, which a server might take for the start of a fragment. */
const forbidden = 8

const classes = new Uint8Array(256).fill(foreign)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~$&+,/:;=@') classes[char.charCodeAt(0)] = plain
for (const char of "[]!'()*") classes[char.charCodeAt(0)] = delimiter
for (let code = 0; code <= 32; code += 1) classes[code] = forbidden
classes[127] = forbidden
classes[35] = forbidden
classes[37] = percent

const unreserved = new Uint8Array(256)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~') unreserved[char.charCodeAt(0)] = 1

/** Reserved characters (RFC 3986 §2.2) and the percent sign: an escape of one of these is not the same as the character. */
const reserved = new Uint8Array(256)
for (const char of ":/?#[]@!$&'()*+,;=%") reserved[char.charCodeAt(0)] = 1

const hexValues = new Int8Array(256).fill(-1)
for (let value = 0; value < 16; value += 1) {
  hexValues[value.toString(16).charCodeAt(0)] = value
  hexValues[value.toString(16).toUpperCase().charCodeAt(0)] = value
}

/** The escape of each byte. */
const escapes: readonly string[] = Array.from({ length: 256 }, (_, code) => `%${code.toString(16).toUpperCase().padStart(2, '0')}`)
const characters: readonly string[] = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))

const slash = 47
const dot = 46

/** Byte that the escape at `at` (where the percent sign is) stands for; -1 when it is none. */
function escapedByte(text: string, at: number): number {
  const code = text.charCodeAt(at + 2)
  if (!(code < 256)) return -1
  const high = hexValues[text.charCodeAt(at + 1) & 0xff]!
  const low = hexValues[code]!
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

/** The path with every escape decoded but those of reserved characters: what path matchers look at. Malformed escapes stay. */
export function routingPathOf(escapedPath: string): string {
  let at = escapedPath.indexOf('%')
  if (at < 0) return escapedPath
  let out = ''
  let copied = 0
  for (; at >= 0; at = escapedPath.indexOf('%', at + 1)) {
    const byte = escapedByte(escapedPath, at)
    if (byte < 0 || reserved[byte] === 1) continue
    out += escapedPath.slice(copied, at) + characters[byte]!
    copied = at + 3
    at += 2
  }
  return copied === 0 ? escapedPath : out + escapedPath.slice(copied)
}

/**
 * The written path of a request in its canonical form: escapes of unreserved characters decoded, all others in upper case. A path with a
 * character that must be escaped is decoded whole and written anew, as Go does: `/a{%2Fb` becomes `/a%7B/b`. Null when the path has a
 * malformed escape, a control character, a space, a `#` or bytes that are no UTF-8. The same string comes back when nothing needs doing.
 */
export function normalizePath(path: string): string | null {
  const seen = classesOf(path)
  return (seen & (percent | foreign | forbidden)) === 0 ? path : normalize(path, seen)
}

function classesOf(path: string): number {
  let seen = 0
  for (let index = 0; index < path.length; index += 1) seen |= classes[path.charCodeAt(index)]!
  return seen
}

function normalize(path: string, seen: number): string | null {
  if ((seen & forbidden) !== 0) return null
  if ((seen & percent) !== 0 && !escapesAreSound(path)) return null
  if ((seen & foreign) !== 0) return isUtf8(path) ? escapePath(decodedPath(path)) : null
  return normalizeEscapes(path)
}

function escapesAreSound(path: string): boolean {
  for (let at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 1)) if (escapedByte(path, at) < 0) return false
  return true
}

function isUtf8(bytes: string): boolean {
  return bytesToText(bytes).isWellFormed()
}

function normalizeEscapes(path: string): string {
  let out = ''
  let copied = 0
  for (let at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 3)) {
    const byte = escapedByte(path, at)
    const wanted = unreserved[byte] === 1 ? characters[byte]! : escapes[byte]!
    if (path.startsWith(wanted, at)) continue
    out += path.slice(copied, at) + wanted
    copied = at + 3
  }
  return copied === 0 ? path : out + path.slice(copied)
}

/**
 * Removes `.` and `..` segments and duplicate slashes, as Go's `URL.JoinPath`: a trailing slash stays, a trailing `.` or `..` leaves none,
 * `%2F` separates nothing, `*` stays, and an empty path becomes `/`. Beyond Go, parameters behind the dots count for nothing: servers that know
 * path parameters take `..;x` for `..`. Works on the escaped form. The same string comes back when nothing needs doing.
 */
export function sanitizePath(path: string): string {
  if (path.charCodeAt(0) === slash) return path.includes('//') || path.includes('/.') ? clean(path) : path
  return path === '' ? '/' : clean(`/${path}`).slice(1)
}

function clean(path: string): string {
  const kept: string[] = []
  let from = 1
  while (from <= path.length) {
    const found = path.indexOf('/', from)
    const to = found < 0 ? path.length : found
    const segment = path.slice(from, to)
    if (segment === '..' || segment.startsWith('..;')) kept.pop()
    else if (segment !== '' && segment !== '.' && !segment.startsWith('.;')) kept.push(segment)
    from = to + 1
  }
  const cleaned = `/${kept.join('/')}`
  return path.endsWith('/') && kept.length > 0 ? `${cleaned}/` : cleaned
}

/**
 * Both steps at once: the path that is matched and forwarded, or null when the request must be refused (400). One pass over the characters of a
 * path that is canonical already, which comes back as it is.
 */
export function canonicalPath(path: string, sanitize: boolean): string | null {
  let seen = 0
  let last = 0
  let mayNeedCleaning = path.charCodeAt(0) !== slash
  for (let index = 0; index < path.length; index += 1) {
    const code = path.charCodeAt(index)
    seen |= classes[code]!
    if (last === slash && (code === slash || code === dot)) mayNeedCleaning = true
    last = code
  }
  let result: string | null = path
  if ((seen & (percent | foreign | forbidden)) !== 0) {
    result = normalize(path, seen)
    if (result === null) return null
    mayNeedCleaning = true
  }
  return sanitize && mayNeedCleaning ? sanitizePath(result) : result
}

/** Go's decoded path (`URL.Path`): every escape decoded; malformed ones stay. */
export function decodedPath(escapedPath: string): string {
  let at = escapedPath.indexOf('%')
  if (at < 0) return escapedPath
  let out = ''
  let copied = 0
  while (at >= 0) {
    const byte = escapedByte(escapedPath, at)
    if (byte < 0) {
      at = escapedPath.indexOf('%', at + 1)
      continue
    }
    out += escapedPath.slice(copied, at) + characters[byte]!
    copied = at + 3
    at = escapedPath.indexOf('%', copied)
  }
  return out + escapedPath.slice(copied)
}

/** Writes a decoded path by Go's default rules: what may stand in a path without being escaped stays, but for `[]!'()*`. */
export function escapePath(decoded: string): string {
  if (classesOf(decoded) === 0) return decoded
  let out = ''
  let copied = 0
  for (let index = 0; index < decoded.length; index += 1) {
    const code = decoded.charCodeAt(index)
    if (classes[code] === plain) continue
    out += decoded.slice(copied, index) + escapes[code & 0xff]!
    copied = index + 1
  }
  return out + decoded.slice(copied)
}

/** Whether Go would keep this written path: no character that must be escaped, and sound escapes. */
export function isWrittenPath(path: string): boolean {
  const seen = classesOf(path)
  return (seen & (foreign | forbidden)) === 0 && ((seen & percent) === 0 || escapesAreSound(path))
}

/** Go's written path (`URL.RawPath`) of a canonical path: '' when the default rules would give the same. */
export function rawPathOf(escapedPath: string): string {
  const seen = classesOf(escapedPath)
  if (seen === 0) return ''
  return escapePath(decodedPath(escapedPath)) === escapedPath ? '' : escapedPath
}

/** The written form of a changed path (Go's `URL.EscapedPath`): `raw` while it is sound and says the same as `decoded`, else `decoded` written anew. */
export function encodedPath(decoded: string, raw: string): string {
  if (raw !== '' && isWrittenPath(raw) && decodedPath(raw) === decoded) return raw
  return decoded === '*' ? '*' : escapePath(decoded)
}

/** Whether a text has a malformed escape, so that Go cannot read it as a path. */
export function hasMalformedEscape(text: string): boolean {
  return text.includes('%') && !escapesAreSound(text)
}

/**
 * Whether a path that a middleware made is still in canonical form after cleaning (R11): when not, a server that cleans paths would serve
 * something else than what was routed and checked.
 */
export function staysCanonical(path: string): boolean {
  return sanitizePath(path) === path
}
