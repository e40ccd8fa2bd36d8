/**
 * Dictionaries of structured fields (RFC 9651 §3.2), as far as signatures need them: members that are inner lists of strings or byte sequences, with
 * parameters that are integers, strings or tokens. What else is well-formed there is refused too.
 */

/** An inner list or a byte sequence, with its parameters. */
export interface Member {
  /** Items of an inner list; null for a byte sequence. */
  readonly items: readonly string[] | null
  /** A byte sequence in Base64; '' for an inner list. */
  readonly bytes: string
  readonly parameters: ReadonlyMap<string, string | number>
  /** As it was sent, from behind the equals sign. */
  readonly text: string
}

/** Most members of a dictionary, items of a list and parameters of a member. */
const countMax = 64

const key = /^[a-z*][a-z0-9_\-.*]*/
const string = /^"((?:[ !#-[\]-~]|\\["\\])*)"/
const bytes = /^:([A-Za-z0-9+/=]*):/
const integer = /^-?[0-9]{1,15}(?![0-9.])/
const token = /^[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/

/** Reads a dictionary; null when it is none of that kind. Of members with one name the last counts. */
export function parseDictionary(text: string): ReadonlyMap<string, Member> | null {
  const reader = new Reader(text)
  const members = new Map<string, Member>()
  reader.skipBlanks()
  while (!reader.isAtEnd) {
    const name = reader.take(key)?.[0]
    if (name === undefined || !reader.takes('=')) return null
    const member = reader.member()
    if (member === null || members.size >= countMax) return null
    members.delete(name)
    members.set(name, member)
    reader.skipBlanks()
    if (reader.isAtEnd) return members
    if (!reader.takes(',')) return null
    reader.skipBlanks()
    if (reader.isAtEnd) return null
  }
  return members
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length
  }

  skipBlanks(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1
  }

  takes(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at += 1
    return true
  }

  take(pattern: RegExp): RegExpExecArray | null {
    const found = pattern.exec(this.#text.slice(this.#at))
    if (found !== null) this.#at += found[0].length
    return found
  }

  member(): Member | null {
    const start = this.#at
    let items: readonly string[] | null = null
    let sequence = ''
    if (this.takes('(')) {
      items = this.#items()
      if (items === null) return null
    } else {
      const found = this.take(bytes)
      if (found === null) return null
      sequence = found[1] ?? ''
    }
    const parameters = this.#parameters()
    return parameters === null ? null : { items, bytes: sequence, parameters, text: this.#text.slice(start, this.#at) }
  }

  #items(): readonly string[] | null {
    const items: string[] = []
    for (;;) {
      while (this.takes(' '));
      if (this.takes(')')) return items
      const found = this.take(string)
      // Parameters of items change what they mean; none of those that there are is understood here.
      if (found === null || items.length >= countMax || !(this.#text[this.#at] === ' ' || this.#text[this.#at] === ')')) return null
      items.push(unescaped(found[1] ?? ''))
    }
  }

  #parameters(): ReadonlyMap<string, string | number> | null {
    const parameters = new Map<string, string | number>()
    while (this.takes(';')) {
      while (this.takes(' '));
      const name = this.take(key)?.[0]
      if (name === undefined || !this.takes('=') || parameters.size >= countMax) return null
      const text = this.take(string)
      const value = text === null ? (this.take(integer)?.[0] ?? this.take(token)?.[0]) : unescaped(text[1] ?? '')
      if (value === undefined) return null
      parameters.set(name, text === null && /^-?[0-9]/.test(value) ? Number(value) : value)
    }
    return parameters
  }
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(["\\])/g, '$1') : text
}
