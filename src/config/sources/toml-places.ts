/**
 * Where keys stand in a TOML text. The parser of values keeps no places, so this walks the structure again: headers, keys, inline tables and
 * arrays. It is only run on texts that parsed, and never judges them.
 */
import type { PlaceNode } from './places.ts'

interface MutablePlace {
  offset: number
  members?: Map<string | number, MutablePlace>
  /** How often the key was opened as an array of tables. */
  count?: number
}

/** Reads the places of keys and items of a sound TOML text. */
export function readTomlPlaces(text: string): PlaceNode {
  return new TomlPlaces(text).document()
}

const bareKey = /[A-Za-z0-9_-]+/y

class TomlPlaces {
  private readonly text: string
  private at = 0
  private readonly root: MutablePlace = { offset: 0 }

  constructor(text: string) {
    this.text = text
  }

  document(): PlaceNode {
    let table = this.root
    for (;;) {
      this.skipBlank(true)
      if (this.at >= this.text.length) return this.root
      const before = this.at
      if (this.text[this.at] === '[') table = this.header()
      else this.pair(table)
      // A text that is not sound after all must not keep us here.
      if (this.at === before) return this.root
    }
  }

  private header(): MutablePlace {
    const isArray = this.text.startsWith('[[', this.at)
    this.at += isArray ? 2 : 1
    const keys = this.keys()
    let node = this.root
    for (const [index, key] of keys.entries()) {
      const isLast = index === keys.length - 1
      node = member(node, key.name, key.offset)
      if (isLast && isArray) {
        node.count = (node.count ?? 0) + 1
        node = member(node, node.count - 1, key.offset)
      } else if (node.count !== undefined) node = member(node, node.count - 1, key.offset)
    }
    this.skipBlank(false)
    while (this.text[this.at] === ']') this.at += 1
    return node
  }

  private pair(table: MutablePlace): void {
    let node = table
    for (const key of this.keys()) node = member(node, key.name, key.offset)
    this.skipBlank(false)
    if (this.text[this.at] === '=') this.at += 1
    this.skipBlank(false)
    this.value(node)
  }

  private keys(): { name: string; offset: number }[] {
    const keys: { name: string; offset: number }[] = []
    for (;;) {
      this.skipBlank(false)
      const offset = this.at
      const name = this.key()
      if (name === undefined) return keys
      keys.push({ name, offset })
      this.skipBlank(false)
      if (this.text[this.at] !== '.') return keys
      this.at += 1
    }
  }

  private key(): string | undefined {
    const quote = this.text[this.at]
    if (quote === '"' || quote === "'") {
      const start = this.at
      this.string()
      const inner = this.text.slice(start + 1, this.at - 1)
      return quote === '"' ? unescape(inner) : inner
    }
    bareKey.lastIndex = this.at
    const match = bareKey.exec(this.text)
    if (match === null) return undefined
    this.at = bareKey.lastIndex
    return match[0]
  }

  private value(node: MutablePlace): void {
    const first = this.text[this.at]
    if (first === '"' || first === "'") this.string()
    else if (first === '[') this.array(node)
    else if (first === '{') this.inlineTable(node)
    else while (this.at < this.text.length && !/[\n,\]}#]/.test(this.text[this.at] ?? '\n')) this.at += 1
  }

  private array(node: MutablePlace): void {
    this.at += 1
    for (let index = 0; ; index += 1) {
      this.skipBlank(true)
      if (this.at >= this.text.length) return
      if (this.text[this.at] === ']') break
      const before = this.at
      this.value(member(node, index, this.at))
      this.skipBlank(true)
      if (this.text[this.at] === ',') this.at += 1
      if (this.at === before) return
    }
    this.at += 1
  }

  private inlineTable(node: MutablePlace): void {
    this.at += 1
    for (;;) {
      this.skipBlank(true)
      if (this.at >= this.text.length) return
      if (this.text[this.at] === '}') break
      const before = this.at
      this.pair(node)
      this.skipBlank(true)
      if (this.text[this.at] === ',') this.at += 1
      if (this.at === before) return
    }
    this.at += 1
  }

  private string(): void {
    const quote = this.text[this.at] ?? '"'
    const triple = quote.repeat(3)
    const isLong = this.text.startsWith(triple, this.at)
    const end = isLong ? triple : quote
    this.at += end.length
    while (this.at < this.text.length && !this.text.startsWith(end, this.at))
      this.at += quote === '"' && this.text[this.at] === '\\' ? 2 : 1
    this.at += end.length
    // Up to two quotes may stand directly before the closing three.
    while (isLong && this.text[this.at] === quote) this.at += 1
  }

  private skipBlank(lines: boolean): void {
    for (; this.at < this.text.length; this.at += 1) {
      const char = this.text[this.at]
      if (char === '#') {
        const end = this.text.indexOf('\n', this.at)
        this.at = (end === -1 ? this.text.length : end) - 1
      } else if (char !== ' ' && char !== '\t' && char !== '\r' && !(lines && char === '\n')) return
    }
  }
}

function member(node: MutablePlace, key: string | number, offset: number): MutablePlace {
  node.members ??= new Map()
  const known = node.members.get(key)
  if (known !== undefined) return known
  const made: MutablePlace = { offset }
  node.members.set(key, made)
  return made
}

function unescape(inner: string): string {
  try {
    return String(JSON.parse(`"${inner}"`))
  } catch {
    // Only TOML's own escapes (\e, \U…) are left here; such a key gets the place of its table.
    return inner
  }
}
