/**
 * An ordered list of header fields, duplicates kept (RFC 9110 §5.3), names as they were sent and, beside them, in lower case.
 * Fields live in parallel arrays and a deleted one leaves an empty key behind, so that nothing is moved per request; whoever
 * walks the arrays skips entries whose key is ''. Strings hold bytes as latin1.
 */
const lowerNames = new Map<string, string>()
const lowerNamesMax = 4096
/** Longer names are not remembered. */
const lowerNameLengthMax = 64

/** A text as memory of its own (a piece of a head may keep all of it), shared by all equal ones, so that names are compared by address. */
export function ownText(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text
}

/** The lower-case form of a field name, remembered so that equal names share one string. */
export function lowerName(name: string): string {
  const known = lowerNames.get(name)
  if (known !== undefined) return known
  const lower = ownText(name.toLowerCase())
  if (name.length > lowerNameLengthMax) return lower
  // Names come from clients: the memory is bounded, and dropped whole rather than searched for the oldest.
  if (lowerNames.size >= lowerNamesMax) lowerNames.clear()
  lowerNames.set(ownText(name), lower)
  return lower
}

const none: readonly string[] = []

/** Ordered header fields of one message. */
export class HeaderList {
  /** Names as sent; index-aligned with `keys` and `values`. */
  readonly names: string[] = []
  /** Lower-case names; '' marks a deleted field. */
  readonly keys: string[] = []
  readonly values: string[] = []
  /** Text of the head that these fields were read from. */
  raw = ''
  /** Text with lines of fields that were added; to be thought behind `raw`, whose last line is empty. */
  more = ''
  /** Where the line of a field (`name: value` and its end, just so) begins in `raw` or `more`; -1 when it is not there. Whoever changes a field goes through `set`. */
  readonly lines: number[] = []

  /** Number of entries to walk, deleted ones included. */
  get length(): number {
    return this.keys.length
  }

  /** Appends a field whose lower-case name is already known. */
  push(name: string, key: string, value: string): void {
    this.names.push(name)
    this.keys.push(key)
    this.values.push(value)
    this.lines.push(-1)
  }

  /** Appends a field as it was read, with the place of its line in `raw`. */
  pushLine(name: string, key: string, value: string, line: number): void {
    this.names.push(name)
    this.keys.push(key)
    this.values.push(value)
    this.lines.push(line)
  }

  /** Lines that lie side by side, from `line` to the place behind the last one. */
  linesBetween(line: number, behind: number): string {
    const { raw } = this
    return line < raw.length ? raw.substring(line, behind) : this.more.substring(line - raw.length, behind - raw.length)
  }

  /** Appends a field, keeping those of the same name. */
  add(name: string, value: string): void {
    this.push(name, lowerName(name), value)
  }

  /** First value of a field, by lower-case name. */
  get(key: string): string | undefined {
    const index = this.keys.indexOf(key)
    return index < 0 ? undefined : this.values[index]
  }

  /** Every value of a field in order, by lower-case name. */
  getAll(key: string): readonly string[] {
    let index = this.keys.indexOf(key)
    if (index < 0) return none
    const found: string[] = []
    for (; index < this.keys.length; index += 1) {
      if (this.keys[index] === key) found.push(this.values[index] ?? '')
    }
    return found
  }

  /** Whether a field is present, by lower-case name. */
  has(key: string): boolean {
    return this.keys.includes(key)
  }

  /** Replaces every field of this name by one, at the place of the first. */
  set(name: string, value: string): void {
    const key = lowerName(name)
    const first = this.keys.indexOf(key)
    if (first < 0) {
      this.push(name, key, value)
      return
    }
    this.names[first] = name
    this.values[first] = value
    this.lines[first] = -1
    for (let index = first + 1; index < this.keys.length; index += 1) {
      if (this.keys[index] === key) this.keys[index] = ''
    }
  }

  /** Removes every field of this lower-case name and tells whether there was one. */
  delete(key: string): boolean {
    let found = false
    for (let index = this.keys.indexOf(key); index >= 0; index = this.keys.indexOf(key, index + 1)) {
      this.keys[index] = ''
      found = true
    }
    return found
  }

  /** Removes all fields. */
  clear(): void {
    this.names.length = 0
    this.keys.length = 0
    this.values.length = 0
    this.lines.length = 0
  }

  /** A copy that shares nothing with this list. */
  clone(): HeaderList {
    const copy = new HeaderList()
    for (let index = 0; index < this.keys.length; index += 1) {
      const key = this.keys[index] ?? ''
      if (key !== '') copy.push(this.names[index] ?? '', key, this.values[index] ?? '')
    }
    return copy
  }

  /** Fields as [name, value] pairs, for tests and slow paths. */
  *[Symbol.iterator](): Generator<[string, string]> {
    for (let index = 0; index < this.keys.length; index += 1) {
      if (this.keys[index] !== '') yield [this.names[index] ?? '', this.values[index] ?? '']
    }
  }
}
