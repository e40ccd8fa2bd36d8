/**
 * A reader of the plain part of Go's regular expression syntax: literals, classes, anchors, groups, alternations, and quantifiers on single
 * characters. Whatever lies beyond gives undefined, never an error: the linear engine then decides whether it is valid and what it means.
 */
import { foldAscii, invertRanges, mergeRanges } from './char-ranges.ts'
import type { CharRanges } from './char-ranges.ts'

/** A part of a plain pattern. */
export type PlainNode =
  | { readonly kind: 'class'; readonly ranges: CharRanges }
  | {
      readonly kind: 'repeat'
      readonly ranges: CharRanges
      readonly min: number
      /** Infinity: unbounded. */ readonly max: number
      readonly lazy: boolean
    }
  | { readonly kind: 'option'; readonly body: PlainNode; readonly lazy: boolean }
  | { readonly kind: 'concat'; readonly items: readonly PlainNode[] }
  | { readonly kind: 'alternate'; readonly items: readonly PlainNode[] }
  | { readonly kind: 'group'; readonly body: PlainNode; readonly capture: boolean }
  | { readonly kind: 'assert'; readonly sign: '^' | '$' | '\\b' | '\\B' }

/** A pattern that was read whole. */
export interface PlainPattern {
  readonly root: PlainNode
  /** Names of the groups by number; '' for unnamed ones, and for group 0. */
  readonly groupNames: readonly string[]
}

/** RE2's limit of a counted repetition. */
const repeatMax = 1000
/** Patterns nested deeper are left to the linear engine. */
const depthMax = 50
const patternCharsMax = 2000

const digits: CharRanges = [48, 57]
const words: CharRanges = [48, 57, 65, 90, 95, 95, 97, 122]
const spaces: CharRanges = [9, 10, 12, 13, 32, 32]
const posixClasses: Readonly<Record<string, CharRanges>> = {
  alnum: [48, 57, 65, 90, 97, 122],
  alpha: [65, 90, 97, 122],
  ascii: [0, 127],
  blank: [9, 9, 32, 32],
  cntrl: [0, 31, 127, 127],
  digit: digits,
  graph: [33, 126],
  lower: [97, 122],
  print: [32, 126],
  punct: [33, 47, 58, 64, 91, 96, 123, 126],
  space: [9, 13, 32, 32],
  upper: [65, 90],
  word: words,
  xdigit: [48, 57, 65, 70, 97, 102],
}
const controlEscapes: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 }
const perlClasses: Readonly<Record<string, CharRanges>> = { d: digits, w: words, s: spaces }

/** Reads a pattern; undefined when it goes beyond the plain part of the syntax. */
export function parsePlainPattern(pattern: string): PlainPattern | undefined {
  if (pattern.length > patternCharsMax || /[\ud800-\udfff]/.test(pattern)) return undefined
  const reader = new Reader(pattern)
  const root = reader.readAlternate(0, { fold: false, dotAll: false })
  return root === undefined || !reader.atEnd() ? undefined : { root, groupNames: reader.groupNames }
}

interface Flags {
  readonly fold: boolean
  readonly dotAll: boolean
}

/** Opening of a group: how much text it takes, and what it says. */
interface Opening {
  readonly capture: boolean
  readonly flags: Flags
  /** True for `(?i)`, which has no body and changes the flags of what follows. */
  readonly bare: boolean
}

class Reader {
  readonly groupNames: string[] = ['']
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    return this.#at === this.#text.length
  }

  readAlternate(depth: number, outer: Flags): PlainNode | undefined {
    if (depth > depthMax) return undefined
    const branches: PlainNode[] = []
    let items: PlainNode[] = []
    let flags = outer
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined || char === ')') break
      if (char === '|') {
        this.#at += 1
        branches.push({ kind: 'concat', items })
        items = []
        continue
      }
      const opening = char === '(' ? this.#readOpening(flags) : undefined
      if (char === '(' && opening === undefined) return undefined
      if (opening?.bare === true) {
        flags = opening.flags
        continue
      }
      const node = opening === undefined ? this.#readAtom(char, flags) : this.#readGroup(depth, opening)
      const item = node && this.#readQuantifier(node)
      if (item === undefined) return undefined
      items.push(item)
    }
    branches.push({ kind: 'concat', items })
    const [only] = branches
    return branches.length === 1 ? only : { kind: 'alternate', items: branches }
  }

  #readGroup(depth: number, opening: Opening): PlainNode | undefined {
    const body = this.readAlternate(depth + 1, opening.flags)
    if (body === undefined || this.#text[this.#at] !== ')') return undefined
    this.#at += 1
    return { kind: 'group', body, capture: opening.capture }
  }

  #readOpening(flags: Flags): Opening | undefined {
    const opening = /\((?:\?(?:P?<([A-Za-z0-9_]+)>|([is]*)([:)])))?/y
    opening.lastIndex = this.#at
    const found = opening.exec(this.#text)
    if (found === null) return undefined
    const [whole, name, letters, end] = found
    this.#at += whole.length
    if (letters === undefined) {
      // A lone `(`: a `?` after it would be syntax not known here.
      if (name === undefined && this.#text[this.#at] === '?') return undefined
      this.groupNames.push(name ?? '')
      return { capture: true, flags, bare: false }
    }
    if (letters === '' && end === ')') return undefined
    const inner = { fold: flags.fold || letters.includes('i'), dotAll: flags.dotAll || letters.includes('s') }
    return { capture: false, flags: inner, bare: end === ')' }
  }

  #readAtom(char: string, flags: Flags): PlainNode | undefined {
    if ('*+?{'.includes(char)) return undefined
    if (char === '[') return this.#readClass(flags)
    if (char === '\\') return this.#readEscapedAtom(flags)
    this.#at += 1
    if (char === '^' || char === '$') return { kind: 'assert', sign: char }
    if (char === '.') return { kind: 'class', ranges: flags.dotAll ? invertRanges([]) : invertRanges([10, 10]) }
    return literal(char.charCodeAt(0), flags)
  }

  #readEscapedAtom(flags: Flags): PlainNode | undefined {
    const char = this.#text[this.#at + 1]
    const sign = ({ A: '^', z: '$', b: '\\b', B: '\\B' } as const)[char ?? '']
    if (sign !== undefined) {
      this.#at += 2
      return { kind: 'assert', sign }
    }
    const group = this.#readPerlClass(flags)
    if (group !== undefined) return { kind: 'class', ranges: group }
    const code = this.#readEscapedChar()
    return code === undefined ? undefined : literal(code, flags)
  }

  /** Reads `\d`, `\W` and the like; undefined when something else stands there, or the class cannot be folded. */
  #readPerlClass(flags: Flags): CharRanges | undefined {
    const char = this.#text[this.#at + 1] ?? ''
    const plain = perlClasses[char.toLowerCase()]
    if (this.#text[this.#at] !== '\\' || plain === undefined) return undefined
    const ranges = flags.fold ? foldAscii(plain) : plain
    if (ranges === undefined) return undefined
    this.#at += 2
    return char === char.toLowerCase() ? ranges : invertRanges(ranges)
  }

  /** Reads an escape that stands for one character. */
  #readEscapedChar(): number | undefined {
    const char = this.#text[this.#at + 1] ?? ''
    const control = controlEscapes[char]
    if (control !== undefined || /^[!-/:-@[-`{-~ ]$/.test(char)) {
      this.#at += 2
      return control ?? char.charCodeAt(0)
    }
    const hex = /\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y
    hex.lastIndex = this.#at
    const found = hex.exec(this.#text)
    if (found === null) return undefined
    const code = Number.parseInt(found[1] ?? found[2] ?? '', 16)
    // Surrogates are no code points to Go.
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
    this.#at += found[0].length
    return code
  }

  #readClass(flags: Flags): PlainNode | undefined {
    this.#at += 1
    const negated = this.#text[this.#at] === '^'
    if (negated) this.#at += 1
    const ranges: number[] = []
    for (let first = true; ; first = false) {
      const char = this.#text[this.#at]
      if (char === undefined) return undefined
      if (char === ']' && !first) break
      const part = this.#readClassPart(char, first, flags)
      if (part === undefined) return undefined
      ranges.push(...part)
    }
    this.#at += 1
    const merged = mergeRanges(ranges)
    const set = negated ? invertRanges(merged) : merged
    return set.length === 0 ? undefined : { kind: 'class', ranges: set }
  }

  #readClassPart(char: string, first: boolean, flags: Flags): CharRanges | undefined {
    if (char === '[' && this.#text[this.#at + 1] === ':') return this.#readPosixClass(flags)
    const group = this.#readPerlClass(flags)
    if (group !== undefined) return group
    // A minus elsewhere than at the ends means a range or an error.
    if (char === '-' && !first && this.#text[this.#at + 1] !== ']') return undefined
    const low = this.#readClassChar(char)
    if (low === undefined) return undefined
    const high = this.#readRangeEnd(low)
    if (high === undefined || high < low) return undefined
    return flags.fold ? foldAscii([low, high]) : [low, high]
  }

  #readRangeEnd(low: number): number | undefined {
    if (this.#text[this.#at] !== '-' || this.#text[this.#at + 1] === ']') return low
    this.#at += 1
    const char = this.#text[this.#at]
    return char === undefined ? undefined : this.#readClassChar(char)
  }

  #readClassChar(char: string): number | undefined {
    if (char === '\\') return this.#readEscapedChar()
    this.#at += 1
    return char.charCodeAt(0)
  }

  #readPosixClass(flags: Flags): CharRanges | undefined {
    const posix = /\[:(\^?)([a-z]+):\]/y
    posix.lastIndex = this.#at
    const found = posix.exec(this.#text)
    const plain = posixClasses[found?.[2] ?? '']
    if (found === null || plain === undefined) return undefined
    const ranges = flags.fold ? foldAscii(plain) : plain
    if (ranges === undefined) return undefined
    this.#at += found[0].length
    return found[1] === '' ? ranges : invertRanges(ranges)
  }

  #readQuantifier(node: PlainNode): PlainNode | undefined {
    const quantifier = /(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})(\??)/y
    quantifier.lastIndex = this.#at
    const found = quantifier.exec(this.#text)
    // A `{` that counts nothing is a literal in RE2; it is left to the linear engine by the next atom.
    if (found === null) return node
    this.#at += found[0].length
    // `a**` is an error in RE2.
    if ('*+?{'.includes(this.#text[this.#at] ?? ' ')) return undefined
    const lazy = found[5] === '?'
    const [min, max] = bounds(found)
    if (min > max || min > repeatMax || (max !== Infinity && max > repeatMax)) return undefined
    if (node.kind === 'class') return { kind: 'repeat', ranges: node.ranges, min, max, lazy }
    // Where the group may match nothing, JavaScript rejects the empty turn and RE2 takes it.
    return found[1] === '?' && node.kind === 'group' && !canBeEmpty(node) ? { kind: 'option', body: node, lazy } : undefined
  }
}

function canBeEmpty(node: PlainNode): boolean {
  switch (node.kind) {
    case 'class':
      return false
    case 'repeat':
      return node.min === 0
    case 'concat':
      return node.items.every(canBeEmpty)
    case 'alternate':
      return node.items.some(canBeEmpty)
    case 'group':
      return canBeEmpty(node.body)
    default:
      return true
  }
}

function bounds(found: RegExpExecArray): readonly [min: number, max: number] {
  const [, sign, low, comma, high] = found
  if (sign !== undefined) return [sign === '+' ? 1 : 0, sign === '?' ? 1 : Infinity]
  const min = Number(low)
  if (comma === undefined) return [min, min]
  return [min, high === undefined ? Infinity : Number(high)]
}

function literal(code: number, flags: Flags): PlainNode | undefined {
  const ranges = flags.fold ? foldAscii([code, code]) : [code, code]
  return ranges === undefined ? undefined : { kind: 'class', ranges }
}
