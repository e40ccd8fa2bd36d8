import { codePoint, fromCodePoint, isPrintable, splitRunes } from './bytes.ts'

const escapes = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
])

/** Quotes a byte string as Go's strconv.Quote does, or with ASCII only. */
export function quoteString(bytes: string, asciiOnly = false): string {
  // Most texts need no escape at all.
  if (/^[ !#-[\]-~]*$/.test(bytes)) return `"${bytes}"`
  let result = '"'
  for (const rune of splitRunes(bytes)) result += rune === '"' ? '\\"' : escapeRune(rune, asciiOnly)
  return `${result}"`
}

/** Quotes a code point in single quotes as Go's strconv.QuoteRune does. */
export function quoteRune(code: number, asciiOnly = false): string {
  const rune = fromCodePoint(code)
  return `'${rune === "'" ? "\\'" : escapeRune(rune, asciiOnly)}'`
}

/** Tells whether a byte string can stand in back quotes as it is. */
export function canBackquote(bytes: string): boolean {
  return splitRunes(bytes).every((rune) => {
    if (rune.length === 1) return rune === '\t' || (rune >= ' ' && rune !== '`' && rune <= '~')
    return codePoint(rune) !== 0xfeff
  })
}

function escapeRune(rune: string, asciiOnly: boolean): string {
  const known = escapes.get(rune)
  if (known !== undefined) return known
  if (rune.length === 1 && rune > '\x7f') return `\\x${rune.charCodeAt(0).toString(16)}`
  if (isPrintable(rune) && !(asciiOnly && rune.length > 1)) return rune
  const code = codePoint(rune)
  if (rune.length === 1) return code === 0x7f || code < 0x20 ? `\\x${code.toString(16).padStart(2, '0')}` : rune
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
