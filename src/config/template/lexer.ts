import { isDigit, isLetter, runeWidth, toText } from './bytes.ts'

/** The kinds of tokens; a character that stands for itself (`,` `(` `)` `|` `=` `:=` `.`) is a `symbol`. */
export type TokenKind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'string'
  | 'raw'
  | 'character'
  | 'number'
  | 'variable'
  | 'field'
  | 'word'
  | 'symbol'
  | 'end'

/** A token of a template: its kind, its bytes, and where it begins. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly from: number
}

/** A fault that the lexer found, with its offset. */
export class LexicalFault extends Error {
  readonly offset: number

  constructor(offset: number, reason: string) {
    super(reason)
    this.offset = offset
  }
}

const spaces = ' \t\r\n'
const integerPattern = '[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|[0-9](?:_?[0-9])*)'
const hexFloatPattern = '[+-]?0[xX](?:_?[0-9a-fA-F])*(?:\\.[0-9a-fA-F]*)?[pP][+-]?[0-9]+'
const floatPattern = '[+-]?(?:[0-9](?:_?[0-9])*\\.?(?:[0-9](?:_?[0-9])*)?|\\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9]+)?'
const numberExpression = new RegExp(`(?:${hexFloatPattern}|${integerPattern}(?![.eE0-9])|${floatPattern})`, 'y')

/** Cuts the byte string of a template into tokens. */
export class Lexer {
  readonly #source: string
  #at = 0
  #inAction = false
  #actionFrom = 0
  #parentheses = 0
  #pending: Token | undefined

  constructor(source: string) {
    this.#source = source
  }

  /** Gives the next token; after the last one it gives `end` for ever. */
  next(): Token {
    if (this.#pending !== undefined) {
      const token = this.#pending
      this.#pending = undefined
      return token
    }
    return this.#inAction ? this.#nextInAction() : this.#nextText()
  }

  #nextText(): Token {
    const source = this.#source
    for (;;) {
      const from = this.#at
      const left = source.indexOf('{{', from)
      if (left < 0) {
        this.#at = source.length
        return from === source.length ? { kind: 'end', text: '', from } : { kind: 'text', text: source.slice(from), from }
      }
      const trims = source[left + 2] === '-' && isSpaceCharacter(source[left + 3])
      const text = trims ? trimEnd(source.slice(from, left)) : source.slice(from, left)
      const inside = left + (trims ? 4 : 2)
      const isComment = source.startsWith('/*', inside)
      if (isComment) this.#at = this.#skipComment(left, inside)
      else this.#enterAction(left, inside)
      if (isComment && text === '') continue
      const action: Token = { kind: 'left', text: '{{', from: left }
      if (text === '') return action
      if (!isComment) this.#pending = action
      return { kind: 'text', text, from }
    }
  }

  #enterAction(left: number, inside: number): void {
    this.#at = inside
    this.#actionFrom = left
    this.#inAction = true
    this.#parentheses = 0
  }

  #skipComment(left: number, inside: number): number {
    const source = this.#source
    const close = source.indexOf('*/', inside + 2)
    if (close < 0) throw new LexicalFault(left, 'unclosed comment')
    const after = close + 2
    if (source.startsWith('}}', after)) return after + 2
    if (isSpaceCharacter(source[after]) && source.startsWith('-}}', after + 1)) return skipSpaces(source, after + 4)
    throw new LexicalFault(left, 'comment ends before closing delimiter')
  }

  #nextInAction(): Token {
    const source = this.#source
    const from = this.#at
    const character = source[from]
    if (character === undefined) throw new LexicalFault(this.#actionFrom, 'unclosed action')
    if (isSpaceCharacter(character) && source.startsWith('-}}', from + 1)) return this.#closeAction(from, skipSpaces(source, from + 4))
    if (source.startsWith('}}', from)) return this.#closeAction(from, from + 2)
    if (isSpaceCharacter(character)) {
      let to = from + 1
      while (isSpaceCharacter(source[to]) && !source.startsWith('-}}', to + 1)) to++
      return this.#token('space', to)
    }
    if (character === '"') return this.#quoted('"', 'string', 'unterminated quoted string')
    if (character === "'") return this.#quoted("'", 'character', 'unterminated character constant')
    if (character === '`') {
      const to = source.indexOf('`', from + 1)
      if (to < 0) throw new LexicalFault(from, 'unterminated raw quoted string')
      return this.#token('raw', to + 1)
    }
    return this.#symbolOrWord(character)
  }

  #symbolOrWord(character: string): Token {
    const source = this.#source
    const from = this.#at
    if (source.startsWith(':=', from)) return this.#token('symbol', from + 2)
    if (character === ':') throw new LexicalFault(from, 'expected :=')
    if (character === '(') this.#parentheses++
    if (character === ')') {
      if (this.#parentheses === 0) throw new LexicalFault(from, 'unexpected right paren')
      this.#parentheses--
    }
    const digitFollows = isDigitCharacter(source[from + 1])
    if (isDigitCharacter(character) || character === '+' || character === '-' || (character === '.' && digitFollows)) return this.#number()
    if (character === '.') return this.#name('field')
    if (character === '$') return this.#name('variable')
    if (character === '=' || character === '|' || character === '(' || character === ')') return this.#token('symbol', from + 1)
    if (this.#nameWidth(from) > 0) return this.#name('word')
    if (character > ' ' && character <= '~') return this.#token('symbol', from + 1)
    throw new LexicalFault(from, `unrecognized character in action: ${describeRune(source, from)}`)
  }

  #closeAction(from: number, to: number): Token {
    if (this.#parentheses > 0) throw new LexicalFault(this.#actionFrom, 'unclosed left paren')
    this.#inAction = false
    this.#at = to
    return { kind: 'right', text: '}}', from }
  }

  #token(kind: TokenKind, to: number): Token {
    const from = this.#at
    this.#at = to
    return { kind, text: this.#source.slice(from, to), from }
  }

  #quoted(quote: string, kind: TokenKind, complaint: string): Token {
    const source = this.#source
    for (let at = this.#at + 1; at < source.length; at++) {
      const character = source[at]
      if (character === '\n') break
      if (character === '\\') at++
      else if (character === quote) return this.#token(kind, at + 1)
      if (character === '\\' && source[at] === '\n') break
    }
    throw new LexicalFault(this.#at, complaint)
  }

  #number(): Token {
    const from = this.#at
    numberExpression.lastIndex = from
    const match = numberExpression.exec(this.#source)
    let to = from + (match?.[0].length ?? 1)
    const width = this.#nameWidth(to)
    if (match === null || width > 0) {
      to += width
      throw new LexicalFault(from, `bad number syntax: "${toText(this.#source.slice(from, to))}"`)
    }
    return this.#token('number', to)
  }

  #name(kind: 'field' | 'variable' | 'word'): Token {
    const from = this.#at
    let to = kind === 'word' ? from : from + 1
    for (let width = this.#nameWidth(to); width > 0; width = this.#nameWidth(to)) to += width
    const next = this.#source[to]
    const ends = next === undefined || isSpaceCharacter(next) || '.,|:)(='.includes(next) || this.#source.startsWith('}}', to)
    if (!ends && !(kind === 'field' && to === from + 1)) throw new LexicalFault(to, `bad character ${describeRune(this.#source, to)}`)
    if (kind === 'field' && to === from + 1) return this.#token('symbol', to)
    return this.#token(kind, to)
  }

  /** Gives the width of the letter, digit, or underscore at an offset, or 0. */
  #nameWidth(at: number): number {
    const source = this.#source
    if (at >= source.length) return 0
    const code = source.charCodeAt(at)
    if (code < 0x80) return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122) ? 1 : 0
    const width = runeWidth(source, at)
    const rune = source.slice(at, at + width)
    return isLetter(rune) || isDigit(rune) ? width : 0
  }
}

function isSpaceCharacter(character: string | undefined): boolean {
  return character !== undefined && spaces.includes(character)
}

function isDigitCharacter(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}

function trimEnd(text: string): string {
  let to = text.length
  while (to > 0 && isSpaceCharacter(text[to - 1])) to--
  return text.slice(0, to)
}

function skipSpaces(source: string, at: number): number {
  let to = at
  while (isSpaceCharacter(source[to])) to++
  return to
}

function describeRune(source: string, at: number): string {
  const text = toText(source.slice(at, at + runeWidth(source, at)))
  const code = text.codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} ${JSON.stringify(text)}`
}
