/**
 * Texts in access log lines. What a client sends never breaks out of its field: quotes, backslashes and control characters are escaped,
 * C1 and line separators included, since terminals and log readers act on them.
 */

/** Longest value of one field in characters; the rest is cut. */
export const fieldLengthMax = 16_384

/** A text that holds bytes as latin1, as JSON; bytes that are not UTF-8 become U+FFFD. */
export function jsonBytes(text: string): string {
  return isPlain(text) ? `"${text}"` : jsonSlow(utf8Of(text))
}

/** A text of the configuration, as JSON. */
export function jsonText(text: string): string {
  return isPlain(text) ? `"${text}"` : jsonSlow(text)
}

/** A text that holds bytes as latin1, for a field of a common log line. */
export function commonBytes(text: string): string {
  return isPlain(text) ? text : commonSlow(utf8Of(text))
}

/** A text of the configuration, for a field of a common log line. */
export function commonText(text: string): string {
  return isPlain(text) ? text : commonSlow(text)
}

/** Whether every character is printable ASCII without quote and backslash, and there are not too many. */
function isPlain(text: string): boolean {
  const length = text.length
  if (length > fieldLengthMax) return false
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false
  }
  return true
}

function utf8Of(latin1: string): string {
  return Buffer.from(cut(latin1), 'latin1').toString('utf8')
}

const jsonUnsafe = /[\u007F-\u009F\u2028\u2029]/g
const commonUnsafe = /["\\\u0000-\u001F\u007F-\u009F\u2028\u2029]/g

function jsonSlow(text: string): string {
  return JSON.stringify(cut(text)).replace(jsonUnsafe, unicodeEscape)
}

function commonSlow(text: string): string {
  return cut(text).replace(commonUnsafe, commonEscape)
}

function commonEscape(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  const code = character.charCodeAt(0)
  return code < 0x100 ? String.raw`\x` + code.toString(16).padStart(2, '0') : unicodeEscape(character)
}

function unicodeEscape(character: string): string {
  return String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0')
}

function cut(text: string): string {
  return text.length > fieldLengthMax ? `${text.slice(0, fieldLengthMax)}...` : text
}
