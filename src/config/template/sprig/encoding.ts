/** Sprig's functions for encodings, digests, and encryption. */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { hashSync } from 'bcryptjs'
import { fromBuffer, toBuffer, toText } from '../bytes.ts'
import { fn, table, type CallContext, type TemplateFunctions } from '../call.ts'
import { TemplateFault } from '../error.ts'

const base64Alphabet = /[A-Za-z0-9+/]/
const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Decodes base64 with padding, as strictly as Go; line ends are passed over. */
function decodeBase64(text: string): { bytes: string } | { reason: string } {
  const bare = text.replaceAll(/[\r\n]/g, '')
  const wrong = bare.split('').findIndex((character, i) => !base64Alphabet.test(character) && !(character === '=' && isPadding(bare, i)))
  if (wrong >= 0) return { reason: `illegal base64 data at input byte ${wrong}` }
  if (bare.length % 4 !== 0) return { reason: `illegal base64 data at input byte ${bare.length - (bare.length % 4)}` }
  return { bytes: Buffer.from(bare, 'base64').toString('latin1') }
}

function isPadding(text: string, at: number): boolean {
  return text.length % 4 === 0 && at >= text.length - 2 && /^=+$/.test(text.slice(at))
}

function encodeBase32(bytes: string): string {
  let bits = 0
  let held = 0
  let text = ''
  for (const byte of toBuffer(bytes)) {
    held = (held << 8) | byte
    bits += 8
    for (; bits >= 5; bits -= 5) text += base32Alphabet[(held >> (bits - 5)) & 31] ?? ''
    held &= 31
  }
  if (bits > 0) text += base32Alphabet[(held << (5 - bits)) & 31] ?? ''
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}

function decodeBase32(text: string): string {
  const bare = text.replaceAll(/[\r\n]/g, '')
  const data = bare.replace(/={1,6}$/, '')
  const wrong = data.split('').findIndex((character) => !base32Alphabet.includes(character))
  if (wrong >= 0) return `illegal base32 data at input byte ${wrong}`
  if (bare.length % 8 !== 0) return `illegal base32 data at input byte ${bare.length - (bare.length % 8)}`
  let bits = 0
  let held = 0
  const bytes: number[] = []
  for (const character of data) {
    held = ((held << 5) | base32Alphabet.indexOf(character)) & 0xfff
    bits += 5
    if (bits >= 8) {
      bytes.push((held >> (bits - 8)) & 255)
      bits -= 8
    }
  }
  return fromBuffer(Uint8Array.from(bytes))
}

function digest(algorithm: string): ReturnType<typeof fn> {
  return fn(['string'], (_, text) => createHash(algorithm).update(toBuffer(text)).digest('hex'))
}

const adlerModulus = 65521

/** RFC 1950 section 8.2. */
function adler32(text: string): number {
  let a = 1
  let b = 0
  for (const byte of toBuffer(text)) {
    a = (a + byte) % adlerModulus
    b = (b + a) % adlerModulus
  }
  return b * 65536 + a
}

const keyBytes = 32
const blockBytes = 16

function cipherKey(password: string): Buffer {
  const key = Buffer.alloc(keyBytes)
  toBuffer(password).copy(key)
  return key
}

function encrypt(context: CallContext, password: string, text: string): string {
  if (text === '') return ''
  const iv = context.host.randomBytes(blockBytes)
  const cipher = createCipheriv('aes-256-cbc', cipherKey(password), iv)
  return Buffer.concat([iv, cipher.update(toBuffer(text)), cipher.final()]).toString('base64')
}

function decrypt(password: string, text: string): string {
  if (text === '') return ''
  const decoded = decodeBase64(text)
  if ('reason' in decoded) throw new TemplateFault(decoded.reason)
  const data = toBuffer(decoded.bytes)
  if (data.length < 2 * blockBytes || data.length % blockBytes !== 0) throw new TemplateFault('the text is not one that encryptAES gives')
  try {
    const cipher = createDecipheriv('aes-256-cbc', cipherKey(password), data.subarray(0, blockBytes))
    return fromBuffer(Buffer.concat([cipher.update(data.subarray(blockBytes)), cipher.final()]))
  } catch {
    // Which of the two is wrong cannot be told.
    throw new TemplateFault('wrong password, or a text that encryptAES did not give')
  }
}

const bcryptCost = 10
/** A hash takes as long as this many other steps. */
const bcryptSteps = 200_000
const bcryptSaltBytes = 16
const bcryptBytesMax = 72
const bcryptAlphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const plainAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function hashPassword(context: CallContext, password: string): string {
  if (password.length > bcryptBytesMax) return 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes'
  context.budget.step(bcryptSteps)
  const salt = Buffer.from(context.host.randomBytes(bcryptSaltBytes)).toString('base64').slice(0, 22)
  const letters = salt.split('').map((letter) => bcryptAlphabet[plainAlphabet.indexOf(letter)] ?? '.')
  return hashSync(toText(password), `$2a$${bcryptCost}$${letters.join('')}`)
}

/** Functions that encode, decode, digest, and encrypt. */
export const encodingFunctions: TemplateFunctions = table({
  adler32sum: fn(['string'], (_, text) => String(adler32(text))),
  b32dec: fn(['string'], (_, text) => decodeBase32(text)),
  b32enc: fn(['string'], (_, text) => encodeBase32(text)),
  b64dec: fn(['string'], (_, text) => {
    const decoded = decodeBase64(text)
    // Sprig gives the complaint as the text.
    return 'reason' in decoded ? decoded.reason : decoded.bytes
  }),
  b64enc: fn(['string'], (_, text) => toBuffer(text).toString('base64')),
  bcrypt: fn(['string'], (context, password) => hashPassword(context, password)),
  decryptAES: fn(['string', 'string'], (_, password, text) => decrypt(password, text)),
  encryptAES: fn(['string', 'string'], (context, password, text) => encrypt(context, password, text)),
  htpasswd: fn(['string', 'string'], (context, user, password) =>
    user.includes(':') ? `invalid username: ${user}` : `${user}:${hashPassword(context, password)}`,
  ),
  sha1sum: digest('sha1'),
  sha256sum: digest('sha256'),
  sha512sum: digest('sha512'),
})
