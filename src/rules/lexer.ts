/**
 * Tokens of a rule. Rules are written as Go expressions, so Go's lexical rules hold: raw strings in backticks, double-quoted strings with
 * escapes, comments, and a line break after `)`, a name or a string ends the expression.
 */
import { bytesToText, textToBytes } from '../std/utf8.ts'

/** A token: `text` is the name, the string's value, the operator, or the error. */
export interface Token {
  readonly kind: 'name' | 'string' | 'operator' | 'lineEnd' | 'end' | 'error'
  readonly text: string
  readonly offset: number
}

const simpleEscapes: Readonly<Record<string, number>> = { 'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11, '\\': 92, '"': 34 }
const byteOrderMark = '\ufeff'

/** Reads tokens one at a time; after an error or the end it gives that token again. */
export class Lexer {
  readonly #text: string
  #at = 0
  /** True when a line break here ends the expression. */
  #canEnd = false

  constructor(text: string) {
    this.#text = text
    if (text.startsWith(byteOrderMark)) this.#at = 1
  }

  /** Reads the next token. */
  next(): Token {
    const blank = this.#skipBlank()
    if (blank !== null) return blank
    const start = this.#at
    const char = this.#text[start]
    if (char === undefined) return this.#token('end', '', start)
    if (/[\p{L}_]/u.test(String.fromCodePoint(this.#text.codePointAt(start) ?? 0))) return this.#readName(start)
    if (char === '`') return this.#readRaw(start)
    if (char === '"') return this.#readQuoted(start)
    if (char === "'") return this.#error('strings are written in backticks or double quotes', start)
    const two = this.#text.slice(start, start + 2)
    const operator = two === '&&' || two === '||' ? two : char
    if (operator.length === 1 && !'!(),'.includes(operator)) return this.#error(`unexpected ${JSON.stringify(operator)}`, start)
    if (two === '!=') return this.#error('unexpected "!="', start)
    this.#at += operator.length
    return this.#token('operator', operator, start)
  }

  #token(kind: Token['kind'], text: string, offset: number): Token {
    this.#canEnd = kind === 'name' || kind === 'string' || (kind === 'operator' && text === ')')
    return { kind, text, offset }
  }

  #error(text: string, offset: number): Token {
    this.#at = offset
    return { kind: 'error', text, offset }
  }

  /** Skips white space and comments; gives a token when a line break ends the expression, or on a comment without end. */
  #skipBlank(): Token | null {
    for (;;) {
      const start = this.#at
      const char = this.#text[start]
      if (char === '\n') {
        this.#at += 1
        if (this.#canEnd) return this.#token('lineEnd', '', start)
      } else if (char === ' ' || char === '\t' || char === '\r') this.#at += 1
      else if (char === '/') {
        const comment = this.#skipComment(start)
        if (comment !== null) return comment
      } else return null
    }
  }

  #skipComment(start: number): Token | null {
    const opening = this.#text.slice(start, start + 2)
    if (opening === '//') {
      const end = this.#text.indexOf('\n', start)
      this.#at = end < 0 ? this.#text.length : end
      return null
    }
    if (opening !== '/*') return this.#error('unexpected "/"', start)
    const end = this.#text.indexOf('*/', start + 2)
    if (end < 0) return this.#error('comment is not closed', start)
    this.#at = end + 2
    // A comment that holds a line break acts like one.
    const hasBreak = this.#text.slice(start, end).includes('\n')
    return hasBreak && this.#canEnd ? this.#token('lineEnd', '', start) : null
  }

  #readName(start: number): Token {
    const name = /[\p{L}\p{Nd}_]+/uy
    name.lastIndex = start
    const text = name.exec(this.#text)?.[0] ?? ''
    this.#at = start + text.length
    return this.#token('name', text, start)
  }

  #readRaw(start: number): Token {
    const end = this.#text.indexOf('`', start + 1)
    if (end < 0) return this.#error('string is not closed', start)
    const raw = this.#text.slice(start + 1, end)
    const refused = raw.search(/[\0\ufeff]/)
    if (refused >= 0) return this.#error('character not allowed in a rule', start + 1 + refused)
    this.#at = end + 1
    return this.#token('string', raw.replaceAll('\r', '').toWellFormed(), start)
  }

  #readQuoted(start: number): Token {
    let bytes = ''
    let at = start + 1
    for (;;) {
      const char = this.#text[at]
      if (char === undefined || char === '\n') return this.#error('string is not closed', start)
      if (char === '"') break
      if (char === '\0' || char === byteOrderMark) return this.#error('character not allowed in a rule', at)
      if (char === '\\') {
        const escape = readEscape(this.#text, at)
        if (escape === undefined) return this.#error('unknown escape in a string', at)
        bytes += escape.bytes
        at = escape.end
      } else {
        const code = this.#text.codePointAt(at) ?? 0
        const whole = String.fromCodePoint(code)
        bytes += textToBytes(whole.toWellFormed())
        at += whole.length
      }
    }
    this.#at = at + 1
    return this.#token('string', bytesToText(bytes), start)
  }
}

/** Reads one of Go's escapes; undefined when it is none. */
function readEscape(text: string, at: number): { readonly bytes: string; readonly end: number } | undefined {
  const simple = simpleEscapes[text[at + 1] ?? '']
  if (simple !== undefined) return { bytes: String.fromCharCode(simple), end: at + 2 }
  const pattern = /\\(?:([0-7]{3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y
  pattern.lastIndex = at
  const found = pattern.exec(text)
  if (found === null) return undefined
  const [whole, octal, hex, short, long] = found
  const end = at + whole.length
  if (octal !== undefined || hex !== undefined) {
    const byte = octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8)
    return byte > 255 ? undefined : { bytes: String.fromCharCode(byte), end }
  }
  const code = Number.parseInt(short ?? long ?? '', 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return { bytes: textToBytes(String.fromCodePoint(code)), end }
}
