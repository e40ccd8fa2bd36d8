/** Texts that become values of header fields: what would break the field's line never gets into one (R20). */
import { textToBytes } from '../../std/utf8.ts'

/** Whether a byte string may be a field's value as it is (RFC 9110 §5.5): no control characters but tab. */
export function isFieldValue(bytes: string): boolean {
  for (let index = 0; index < bytes.length; index += 1) {
    const code = bytes.charCodeAt(index)
    if ((code < 32 && code !== 9) || code === 127) return false
  }
  return true
}

/** A configured text as a field's value: in bytes, without blanks around it, control characters made spaces. */
export function fieldValue(text: string): string {
  return withoutControls(textToBytes(text)).trim()
}

/** A byte string with control characters made spaces. */
export function withoutControls(bytes: string): string {
  if (isFieldValue(bytes)) return bytes
  let out = ''
  for (const byte of bytes) out += isFieldValue(byte) ? byte : ' '
  return out
}

/** Whether a text may be a field's name (RFC 9110 §5.1). */
export function isFieldName(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)
}
