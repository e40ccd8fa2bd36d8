/** Compares passwords with hashes as they stand in htpasswd files: bcrypt, MD5-crypt (`$apr1$`, `$1$`) and `{SHA}`. Everything else matches nothing. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { compareSync } from 'bcryptjs'
import { bytesToText } from '../../std/utf8.ts'

/** Longest password that is looked at, in bytes; the cost of MD5-crypt grows with the length. */
export const passwordBytesMax = 4096

/** Whether checking against a hash takes so long (milliseconds) that it must not be done on an event loop. */
export function isSlowHash(hash: string): boolean {
  return isBcrypt(hash) || isMd5Crypt(hash)
}

/** Whether a password (a byte string) matches a hash. Takes the time that the hash asks for; compares in constant time. */
export function verifyPassword(password: string, hash: string): boolean {
  if (password.length > passwordBytesMax) return false
  if (hash.startsWith('{SHA}')) return equal(hash, `{SHA}${createHash('sha1').update(password, 'latin1').digest('base64')}`)
  if (isMd5Crypt(hash)) return verifyMd5Crypt(password, hash)
  return isBcrypt(hash) && verifyBcrypt(password, hash)
}

function isBcrypt(hash: string): boolean {
  return hash.startsWith('$2y$') || hash.startsWith('$2a$') || hash.startsWith('$2b$') || hash.startsWith('$2x$')
}

function isMd5Crypt(hash: string): boolean {
  return hash.startsWith('$apr1$') || hash.startsWith('$1$')
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')]
  return left.length === right.length && timingSafeEqual(left, right)
}

function verifyBcrypt(password: string, hash: string): boolean {
  try {
    // The library takes text and makes UTF-8 of it, which gives back the bytes. All revisions are taken for the one without the old faults.
    return compareSync(bytesToText(password), `$2y$${hash.slice(4)}`)
  } catch {
    // A malformed hash matches nothing.
    return false
  }
}

function verifyMd5Crypt(password: string, hash: string): boolean {
  const [, magic, salt, digest] = hash.split('$')
  if (magic === undefined || salt === undefined || digest === undefined) return false
  return equal(hash, md5Crypt(Buffer.from(password, 'latin1'), Buffer.from(salt, 'latin1'), `$${magic}$`))
}

const md5Rounds = 1000
const cryptAlphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Which bytes of the digest make up each group of four characters. */
const digestGroups: readonly (readonly [number, number, number])[] = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
]

/** The MD5-based crypt(3) of FreeBSD, of which Apache has a variant with another magic text. */
function md5Crypt(password: Buffer, salt: Buffer, magic: string): string {
  const mixed = createHash('md5').update(password).update(salt).update(password).digest()
  const first = createHash('md5').update(password).update(magic, 'latin1').update(salt)
  for (let left = password.length; left > 0; left -= 16) first.update(mixed.subarray(0, Math.min(left, 16)))
  for (let bits = password.length; bits > 0; bits >>= 1) first.update((bits & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1))
  let digest = first.digest()
  for (let round = 0; round < md5Rounds; round += 1) {
    const next = createHash('md5')
    next.update((round & 1) === 1 ? password : digest)
    if (round % 3 !== 0) next.update(salt)
    if (round % 7 !== 0) next.update(password)
    next.update((round & 1) === 1 ? digest : password)
    digest = next.digest()
  }
  let text = `${magic}${salt.latin1Slice()}$`
  for (const [high, middle, low] of digestGroups)
    text += cryptText(((digest[high] ?? 0) << 16) | ((digest[middle] ?? 0) << 8) | (digest[low] ?? 0), 4)
  return text + cryptText(digest[11] ?? 0, 2)
}

function cryptText(value: number, length: number): string {
  let text = ''
  for (let index = 0; index < length; index += 1) text += cryptAlphabet[(value >> (6 * index)) & 63] ?? ''
  return text
}
