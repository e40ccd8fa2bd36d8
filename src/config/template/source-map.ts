import { fromText, toText } from './bytes.ts'
import type { Place } from './error.ts'
import type { Piece } from './evaluator.ts'

/** Tells where in a template each place of its result comes from. What it needs for that is worked out when it is first asked. */
export class SourceMap {
  readonly #source: string
  readonly #pieces: readonly Piece[]
  #index: { readonly source: Lines; readonly text: Lines; readonly starts: readonly number[] } | undefined

  constructor(source: string, pieces: readonly Piece[]) {
    this.#source = source
    this.#pieces = pieces
  }

  /** Gives the place in the template. */
  sourceOf(place: Place): Place {
    this.#index ??= this.#build()
    const { source, text, starts } = this.#index
    const offset = text.offsetOf(place)
    const at = lastNotAfter(starts, offset)
    const piece = this.#pieces[at]
    if (piece === undefined) return source.placeOf(0)
    return source.placeOf(piece.isCopy ? piece.from + Math.min(offset - (starts[at] ?? 0), piece.text.length) : piece.from)
  }

  #build(): { source: Lines; text: Lines; starts: readonly number[] } {
    const starts: number[] = []
    let from = 0
    for (const piece of this.#pieces) {
      starts.push(from)
      from += piece.text.length
    }
    return { source: new Lines(this.#source), text: new Lines(this.#pieces.map((piece) => piece.text).join('')), starts }
  }
}

/** The lines of a byte string. */
class Lines {
  readonly #bytes: string
  readonly #starts: number[] = [0]

  constructor(bytes: string) {
    this.#bytes = bytes
    for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) this.#starts.push(at + 1)
  }

  /** Gives the offset of a place; one beyond the end of its line gives that end. */
  offsetOf(place: Place): number {
    const from = this.#starts[place.line - 1]
    if (from === undefined) return this.#bytes.length
    const to = (this.#starts[place.line] ?? this.#bytes.length + 1) - 1
    const line = Array.from(toText(this.#bytes.slice(from, to)))
    return from + fromText(line.slice(0, place.column - 1).join('')).length
  }

  placeOf(offset: number): Place {
    const line = lastNotAfter(this.#starts, offset)
    const before = this.#bytes.slice(this.#starts[line] ?? 0, offset)
    return { line: line + 1, column: Array.from(toText(before)).length + 1 }
  }
}

/** Gives the index of the last number that is not greater than a value, in a list in ascending order that begins with 0. */
function lastNotAfter(numbers: readonly number[], value: number): number {
  let low = 0
  let high = numbers.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((numbers[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}
