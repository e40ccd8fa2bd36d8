/** Credentials of the Basic scheme (RFC 7617). */

/** User and password, as byte strings. */
export interface Credentials {
  readonly user: string
  readonly password: string
}

/** 1 for the characters of Base64. */
const base64Bytes = new Uint8Array(256)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') base64Bytes[char.charCodeAt(0)] = 1

/** Reads the value of an Authorization field; null when it holds no well-formed credentials of this scheme. */
export function readCredentials(authorization: string): Credentials | null {
  if (authorization.length < 6 || authorization.slice(0, 6).toLowerCase() !== 'basic ') return null
  const encoded = authorization.slice(6)
  if (!isBase64(encoded)) return null
  const decoded = Buffer.from(encoded, 'base64').latin1Slice()
  const colon = decoded.indexOf(':')
  return colon < 0 ? null : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}

/** Node reads more than Base64 with its padding; servers behind may not. */
function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length
  for (let index = 0; index < end; index += 1) if (base64Bytes[text.charCodeAt(index)] !== 1) return false
  return true
}
