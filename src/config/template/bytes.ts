/**
 * Go's strings are bytes. Inside a template every string is held as a "byte string": one character for each byte of the UTF-8 text. So
 * lengths, slices, and order are Go's without conversions, and plain ASCII text needs none at all.
 */

const nonAscii = /[\x80-\xff]/
const nonAsciiText = /[^\x00-\x7f]/

/** Tells whether a byte string holds only ASCII. */
export function isAscii(bytes: string): boolean {
  return !nonAscii.test(bytes)
}

/** Gives the byte string of a text. */
export function fromText(text: string): string {
  return nonAsciiText.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

/** Gives the text of a byte string; bytes that are not UTF-8 become U+FFFD. */
export function toText(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Gives the bytes of a byte string. */
export function toBuffer(bytes: string): Buffer {
  return Buffer.from(bytes, 'latin1')
}

/** Gives the byte string of bytes. */
export function fromBuffer(buffer: Uint8Array): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString('latin1')
}

/** What stands for a byte that is not part of a UTF-8 sequence. */
export const runeError = 0xfffd

/** Gives the width in bytes of the rune that begins at an offset: 1 for a byte that begins no sequence. */
export function runeWidth(bytes: string, at: number): number {
  const first = bytes.charCodeAt(at)
  if (first < 0xc2 || first > 0xf4) return 1
  const width = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (at + width > bytes.length) return 1
  const second = bytes.charCodeAt(at + 1)
  // RFC 3629 section 4: the second byte's range rules out overlong forms, surrogates, and what is above U+10FFFF.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 1
  for (let i = 2; i < width; i++) {
    const next = bytes.charCodeAt(at + i)
    if (next < 0x80 || next > 0xbf) return 1
  }
  return width
}

/** Gives the rune of a known width at an offset; a stray byte gives U+FFFD. */
export function runeAt(bytes: string, at: number, width: number): number {
  const first = bytes.charCodeAt(at)
  if (width === 1) return first < 0x80 ? first : runeError
  let rune = first & (0xff >> (width + 1))
  for (let i = 1; i < width; i++) rune = (rune << 6) | (bytes.charCodeAt(at + i) & 0x3f)
  return rune
}

/** Splits a byte string into runes, each still a byte string. */
export function splitRunes(bytes: string): string[] {
  if (isAscii(bytes)) return bytes.split('')
  const runes: string[] = []
  for (let at = 0; at < bytes.length;) {
    const width = runeWidth(bytes, at)
    runes.push(bytes.slice(at, at + width))
    at += width
  }
  return runes
}

/** Gives the code point of one rune held as a byte string. */
export function codePoint(rune: string): number {
  return runeAt(rune, 0, rune.length)
}

/** Counts the runes of a byte string. */
export function countRunes(bytes: string): number {
  return isAscii(bytes) ? bytes.length : splitRunes(bytes).length
}

/** Gives the byte string of a code point; one that is none gives U+FFFD. */
export function fromCodePoint(rune: number): string {
  const valid = rune >= 0 && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff)
  return fromText(String.fromCodePoint(valid ? rune : runeError))
}

/** Gives the upper-case form of one rune where it has one of a single rune, as Go maps it. */
export function upperRune(rune: string): string {
  return mapRune(rune, (text) => text.toUpperCase())
}

/** Gives the lower-case form of one rune where it has one of a single rune, as Go maps it. */
export function lowerRune(rune: string): string {
  // U+0130 lower-cases to two code points in JavaScript, and to "i" in Go.
  if (rune === '\xc4\xb0') return 'i'
  return mapRune(rune, (text) => text.toLowerCase())
}

function mapRune(rune: string, map: (text: string) => string): string {
  if (rune.length === 1) return rune.charCodeAt(0) < 0x80 ? map(rune) : rune
  const mapped = fromText(map(toText(rune)))
  return runeWidth(mapped, 0) === mapped.length ? mapped : rune
}

/** Gives a byte string in upper case. */
export function upper(bytes: string): string {
  return isAscii(bytes) ? bytes.toUpperCase() : splitRunes(bytes).map(upperRune).join('')
}

/** Gives a byte string in lower case. */
export function lower(bytes: string): string {
  return isAscii(bytes) ? bytes.toLowerCase() : splitRunes(bytes).map(lowerRune).join('')
}

const letter = /^\p{L}$/u
const decimal = /^\p{Nd}$/u
const number = /^\p{N}$/u
const upperCase = /^\p{Lu}$/u
const lowerCase = /^\p{Ll}$/u
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u

/** Tells whether a rune is a Unicode letter. */
export function isLetter(rune: string): boolean {
  return letter.test(runeText(rune))
}

/** Tells whether a rune is a Unicode decimal digit. */
export function isDigit(rune: string): boolean {
  return decimal.test(runeText(rune))
}

/** Tells whether a rune is a Unicode number. */
export function isNumber(rune: string): boolean {
  return number.test(runeText(rune))
}

/** Tells whether a rune is an upper-case letter. */
export function isUpper(rune: string): boolean {
  return upperCase.test(runeText(rune))
}

/** Tells whether a rune is a lower-case letter. */
export function isLower(rune: string): boolean {
  return lowerCase.test(runeText(rune))
}

/** Tells whether a rune can be printed as it is: what Go's strconv.IsPrint says. */
export function isPrintable(rune: string): boolean {
  return rune === ' ' || printable.test(runeText(rune))
}

/** Tells whether a rune is white space as Go's unicode.IsSpace says. */
export function isSpace(rune: string): boolean {
  const code = codePoint(rune)
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d)
  if (code === 0x85 || code === 0xa0 || code === 0x1680) return true
  return (code >= 0x2000 && code <= 0x200a) || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000
}

function runeText(rune: string): string {
  return rune.length === 1 ? (rune.charCodeAt(0) < 0x80 ? rune : '') : toText(rune)
}

/** Takes white space off both ends, as Go's strings.TrimSpace does. */
export function trimSpace(bytes: string): string {
  return trimFunction(bytes, isSpace)
}

/** Takes the runes that a test accepts off both ends. */
export function trimFunction(bytes: string, test: (rune: string) => boolean): string {
  const runes = splitRunes(bytes)
  let from = 0
  let to = runes.length
  while (from < to && test(runes[from] ?? '')) from++
  while (to > from && test(runes[to - 1] ?? '')) to--
  return from === 0 && to === runes.length ? bytes : runes.slice(from, to).join('')
}
