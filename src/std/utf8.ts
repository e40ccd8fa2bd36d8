/**
 * Byte strings: the wire hands text over as latin1, one character a byte. These functions go between such strings and text in UTF-8. Bytes that
 * are no UTF-8 become lone surrogates U+DC80–U+DCFF, which no well-formed text holds, so that nothing is lost on the way back.
 */

const escapeBase = 0xdc00

/** True when the string holds ASCII only, so that its bytes and its text are the same. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** Encodes text as a byte string of its UTF-8; U+DC80–U+DCFF give back the byte they stand for, other lone surrogates U+FFFD. */
export function textToBytes(text: string): string {
  if (isAscii(text)) return text
  let out = ''
  for (let i = 0; i < text.length; i += 1) {
    const code = text.codePointAt(i) ?? 0
    if (code > 0xffff) i += 1
    if (code < 0x80) out += String.fromCharCode(code)
    else if (code >= 0xdc80 && code <= 0xdcff) out += String.fromCharCode(code - escapeBase)
    else out += encode(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code)
  }
  return out
}

function encode(code: number): string {
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 63))
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  return String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
}

/** Decodes a byte string as UTF-8; a byte that is part of no well-formed sequence (RFC 3629) becomes U+DC00 plus its value. */
export function bytesToText(bytes: string): string {
  if (isAscii(bytes)) return bytes
  let out = ''
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    const lead = bytes.charCodeAt(at)
    if (length === 1) out += String.fromCharCode(lead)
    else if (length === 0) out += String.fromCharCode(escapeBase + (lead & 0xff))
    else out += String.fromCodePoint(decode(bytes, at, length))
    at += Math.max(length, 1)
  }
  return out
}

function decode(bytes: string, at: number, length: number): number {
  let code = bytes.charCodeAt(at) & (0xff >> (length + 1))
  for (let i = 1; i < length; i += 1) code = (code << 6) | (bytes.charCodeAt(at + i) & 63)
  return code
}

/** Length of the well-formed sequence at `at`; 0 when there is none. */
function sequenceLength(bytes: string, at: number): number {
  const lead = bytes.charCodeAt(at)
  if (lead < 0x80) return 1
  const length = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  if (length === 0 || at + length > bytes.length) return 0
  for (let i = 1; i < length; i += 1) if ((bytes.charCodeAt(at + i) & 0xc0) !== 0x80) return 0
  const second = bytes.charCodeAt(at + 1)
  // Overlong forms, surrogates and what lies beyond U+10FFFF are told by the second byte.
  if (lead === 0xe0 && second < 0xa0) return 0
  if (lead === 0xed && second > 0x9f) return 0
  if (lead === 0xf0 && second < 0x90) return 0
  if (lead === 0xf4 && second > 0x8f) return 0
  return length
}
