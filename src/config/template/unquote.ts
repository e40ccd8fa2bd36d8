import { fromCodePoint } from './bytes.ts'

const simple: Readonly<Record<string, string>> = {
  'a': '\x07',
  'b': '\b',
  'f': '\f',
  'n': '\n',
  'r': '\r',
  't': '\t',
  'v': '\v',
  '\\': '\\',
}

/** Undoes Go's quoting of a text in double quotes or of a character in single ones; undefined when it is not well formed. */
export function unquote(quoted: string): string | undefined {
  const quote = quoted[0] ?? ''
  if (quote === '`') return quoted.slice(1, -1).replaceAll('\r', '')
  let result = ''
  let at = 1
  while (at < quoted.length - 1) {
    const character = quoted[at] ?? ''
    if (character !== '\\') {
      result += character
      at++
      continue
    }
    const escape = readEscape(quoted, at + 1, quote)
    if (escape === undefined) return undefined
    result += escape.bytes
    at = escape.to
  }
  return result
}

function readEscape(text: string, at: number, quote: string): { bytes: string; to: number } | undefined {
  const letter = text[at] ?? ''
  const plain = Object.hasOwn(simple, letter) ? simple[letter] : undefined
  if (plain !== undefined) return { bytes: plain, to: at + 1 }
  if (letter === quote) return { bytes: letter, to: at + 1 }
  const digits = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0
  if (digits > 0) {
    const hex = text.slice(at + 1, at + 1 + digits)
    if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length !== digits) return undefined
    const code = Number.parseInt(hex, 16)
    if (letter === 'x') return { bytes: String.fromCharCode(code), to: at + 3 }
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
    return { bytes: fromCodePoint(code), to: at + 1 + digits }
  }
  const octal = /^[0-7]{3}/.exec(text.slice(at, at + 3))?.[0]
  if (octal === undefined || Number.parseInt(octal, 8) > 255) return undefined
  return { bytes: String.fromCharCode(Number.parseInt(octal, 8)), to: at + 3 }
}
