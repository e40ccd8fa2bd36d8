/** Sprig's functions for the case of letters and for names in camel, snake, and kebab case. */
import {
  codePoint,
  fromText,
  isDigit,
  isLetter,
  isLower,
  isSpace,
  isUpper,
  lower,
  lowerRune,
  splitRunes,
  toText,
  upperRune,
} from '../bytes.ts'

/** Gives the first letter of each word in upper case, as Go's strings.Title does. */
export function title(text: string): string {
  let before = ' '
  return splitRunes(text)
    .map((rune) => {
      const starts = separatesWords(before)
      before = rune
      return starts ? upperRune(rune) : rune
    })
    .join('')
}

function separatesWords(rune: string): boolean {
  if (codePoint(rune) < 0x80) return !/[A-Za-z0-9_]/.test(rune)
  return !isLetter(rune) && !isDigit(rune) && isSpace(rune)
}

/** Gives the first letter of each word between white space in lower case. */
export function untitle(text: string): string {
  let afterGap = true
  return splitRunes(text)
    .map((rune) => {
      const starts = afterGap && !isSpace(rune)
      afterGap = isSpace(rune)
      return starts ? lowerRune(rune) : rune
    })
    .join('')
}

/** Swaps upper and lower case. */
export function swapCase(text: string): string {
  return splitRunes(text)
    .map((rune) => (isUpper(rune) ? lowerRune(rune) : isLower(rune) ? upperRune(rune) : rune))
    .join('')
}

function isConnector(rune: string): boolean {
  return rune === '-' || rune === '_' || isSpace(rune)
}

/** Joins words in camel case; connectors before the first word stay. */
export function camelCase(text: string): string {
  const runes = splitRunes(text)
  const from = runes.findIndex((rune) => !isConnector(rune))
  // The original repeats the last connector of a text that holds nothing else.
  if (from < 0) return text + (runes.at(-1) ?? '')
  let result = runes.slice(0, from).join('')
  let previous = lowerRune(runes[from] ?? '')
  let inUpperRun = isUpper(runes[from] ?? '')
  const rest = runes.slice(from + 1)
  if (rest.length === 0) return result + previous
  for (const rune of rest) {
    let current = rune
    if (isConnector(previous) && !isConnector(rune)) {
      inUpperRun = isUpper(rune)
      current = upperRune(rune)
    } else {
      // A run of capitals after a capital is one word.
      if (!isConnector(previous) && inUpperRun) {
        if (isUpper(rune)) current = lowerRune(rune)
        else inUpperRun = false
      }
      result += previous
    }
    previous = current
  }
  return result + (inUpperRun ? lowerRune(previous) : previous)
}

type WordKind = 'connector' | 'punctuation' | 'upper' | 'alphabet' | 'number' | 'other'

interface Word {
  readonly kind: WordKind
  readonly text: string
}

// Letters of scripts that have words of letters: ideographs count as "other".
const wordExpression =
  /(?<connector>[\-_\s]+)|(?<punctuation>\p{P}+)|(?<upper>\p{Lu}+(?=\p{Lu}[\p{L}--\p{Lu}--\p{Script=Han}])|\p{Lu}{2,}|\p{Lu}[\p{L}--\p{Lu}--\p{Script=Han}]*)|(?<alphabet>[\p{L}--\p{Lu}--\p{Script=Han}]+)|(?<number>\p{N}+)|(?<other>[^\p{P}\p{N}\s\-_]+?(?=[\p{P}\p{N}\s\-_]|[\p{L}--\p{Script=Han}]|$))/gv

function splitWords(text: string): Word[] {
  const words: Word[] = []
  for (const match of text.matchAll(wordExpression)) {
    const kind = wordKinds.find((name) => match.groups?.[name] !== undefined)
    if (kind !== undefined) words.push({ kind, text: match[0] })
  }
  return words
}

const wordKinds: readonly WordKind[] = ['connector', 'punctuation', 'upper', 'alphabet', 'number', 'other']

/** Gives a name in lower case with a connector between its words: snake case, kebab case. */
export function separateWords(bytes: string, connector: string): string {
  return fromText(new WordJoiner(splitWords(toText(bytes)), connector).join())
}

class WordJoiner {
  readonly #words: readonly Word[]
  readonly #connector: string
  #at = 0
  #result = ''

  constructor(words: readonly Word[], connector: string) {
    this.#words = words
    this.#connector = connector
  }

  join(): string {
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++]
      if (word === undefined) break
      this.#write(word)
      if (this.#at === this.#words.length) break
      if (word.kind === 'number') this.#afterNumber()
      else if (word.kind !== 'connector' && word.kind !== 'punctuation') this.#afterWord()
    }
    return this.#result
  }

  #write(word: Word): void {
    if (word.kind === 'connector') this.#result += this.#connector.repeat(Array.from(word.text).length)
    else this.#result += word.kind === 'upper' ? toText(lower(fromText(word.text))) : word.text
  }

  /** Puts a connector in where no other sign separates the next word. */
  #connect(): void {
    const next = this.#words[this.#at]
    if (next !== undefined && next.kind !== 'connector' && next.kind !== 'punctuation') this.#result += this.#connector
  }

  /** Small letters after a number belong to it: "2xx". */
  #afterNumber(): void {
    for (let next = this.#words[this.#at]; next?.kind === 'alphabet' || next?.kind === 'number'; next = this.#words[this.#at]) {
      this.#write(next)
      this.#at++
    }
    this.#connect()
  }

  /** A number belongs to the word before it ("bld4_floor"), unless small letters follow it ("http_2xx"). */
  #afterWord(): void {
    const next = this.#words[this.#at]
    const second = this.#words[this.#at + 1]
    if (next?.kind !== 'number') {
      this.#connect()
      return
    }
    if (second === undefined) return
    this.#at++
    if (second.kind === 'alphabet') {
      this.#result += this.#connector
      this.#write(next)
      this.#afterNumber()
    } else {
      this.#write(next)
      this.#connect()
    }
  }
}
