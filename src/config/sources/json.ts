/** JSON: a small reader of our own, since the built-in one loses digits of large integers and keeps no places. */
import { createRecord } from '../schema/raw.ts'
import type { RawRecord } from '../schema/raw.ts'
import { lineStarts, placeOfOffset } from './places.ts'
import type { PlaceNode } from './places.ts'
import { SourceError } from './source-error.ts'

/** Deepest nesting of objects and lists. */
const depthMax = 100

/** Reads a JSON text into a raw tree; undefined when it is blank. Throws SourceError. */
export function readJson(text: string): unknown {
  return new JsonReader(text, false).document()?.value
}

/** Reads the places of keys and items of a sound JSON text. */
export function readJsonPlaces(text: string): PlaceNode {
  return new JsonReader(text, true).document()?.places ?? { offset: 0 }
}

interface Read {
  readonly value: unknown
  readonly places: PlaceNode | undefined
}

type Members = Map<string | number, PlaceNode>

const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y

class JsonReader {
  private readonly text: string
  private readonly wantsPlaces: boolean
  private at = 0
  private depth = 0

  constructor(text: string, wantsPlaces: boolean) {
    this.text = text
    this.wantsPlaces = wantsPlaces
    if (text.startsWith('\uFEFF')) this.at = 1
  }

  document(): Read | undefined {
    this.blank()
    if (this.at === this.text.length) return undefined
    const read = this.read(this.at)
    this.blank()
    if (this.at < this.text.length) throw this.unexpected()
    return read
  }

  private read(keyOffset: number): Read {
    const first = this.text[this.at]
    if (first === '{') return this.object(keyOffset)
    if (first === '[') return this.list(keyOffset)
    return { value: first === '"' ? this.string() : this.atom(), places: this.place(keyOffset, undefined) }
  }

  private place(offset: number, members: Members | undefined): PlaceNode | undefined {
    if (!this.wantsPlaces) return undefined
    return members === undefined ? { offset } : { offset, members }
  }

  private object(keyOffset: number): Read {
    const value: RawRecord = createRecord()
    const members: Members = new Map()
    this.open()
    for (let first = true; this.more('}', first); first = false) {
      const offset = this.at
      if (this.text[this.at] !== '"') throw this.unexpected()
      const key = this.string()
      this.blank()
      if (this.text[this.at] !== ':') throw this.unexpected()
      this.at += 1
      this.blank()
      const read = this.read(offset)
      value[key] = read.value
      if (read.places !== undefined) members.set(key, read.places)
    }
    return { value, places: this.place(keyOffset, members) }
  }

  private list(keyOffset: number): Read {
    const value: unknown[] = []
    const members: Members = new Map()
    this.open()
    for (let first = true; this.more(']', first); first = false) {
      const read = this.read(this.at)
      if (read.places !== undefined) members.set(value.length, read.places)
      value.push(read.value)
    }
    return { value, places: this.place(keyOffset, members) }
  }

  private open(): void {
    this.depth += 1
    if (this.depth > depthMax) throw this.error(`nested deeper than ${depthMax} levels`)
    this.at += 1
  }

  /** Steps to the next member; false at the closing bracket, which is taken. */
  private more(close: string, first: boolean): boolean {
    this.blank()
    if (this.text[this.at] === close) {
      this.at += 1
      this.depth -= 1
      return false
    }
    if (first) return true
    if (this.text[this.at] !== ',') throw this.unexpected()
    this.at += 1
    this.blank()
    return true
  }

  private string(): string {
    const start = this.at
    let end = start + 1
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1
    if (end >= this.text.length) throw this.error('unexpected end of JSON input')
    this.at = end + 1
    try {
      return String(JSON.parse(this.text.slice(start, this.at)))
    } catch (cause) {
      this.at = start
      throw this.error('invalid string literal', cause)
    }
  }

  private atom(): unknown {
    for (const [word, value] of words) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length
        return value
      }
    }
    numberPattern.lastIndex = this.at
    const match = numberPattern.exec(this.text)
    if (match === null) throw this.unexpected()
    this.at = numberPattern.lastIndex
    const value = Number(match[0])
    return Number.isSafeInteger(value) || match[1] !== undefined || match[2] !== undefined ? value : BigInt(match[0])
  }

  private blank(): void {
    while (this.at < this.text.length && ' \t\n\r'.includes(this.text[this.at] ?? '')) this.at += 1
  }

  private unexpected(): SourceError {
    const char = this.text[this.at]
    return this.error(char === undefined ? 'unexpected end of JSON input' : `invalid character ${JSON.stringify(char)}`)
  }

  private error(message: string, cause?: unknown): SourceError {
    return new SourceError(`json: ${message}`, placeOfOffset(lineStarts(this.text), this.at), { cause })
  }
}

const words: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]
