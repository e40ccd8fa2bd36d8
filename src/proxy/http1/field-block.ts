/**
 * Header and trailer blocks, from bytes to fields. A block is scanned once over its bytes, which checks every one of them and notes where names
 * and values lie; the text is cut afterwards, out of one string for the whole block.
 */
import { failures, type Http1Failure } from './failure.ts'
import { type FieldName, type FieldNames, tokenBytes } from './syntax.ts'

const carriageReturn = 13
const lineFeed = 10
const space = 32
const tab = 9
const colon = 58

/** The last scanned block: its names, where its values lie (three numbers a field: begin, end, begin of a line that may be sent on as it is), and what was wrong with it. */
export const marks = {
  count: 0,
  failure: failures.headerLine as Http1Failure,
  folded: false,
  valueStart: 0,
  valueEnd: 0,
  names: [] as FieldName[],
  values: new Int32Array(3 * 128),
}

/** How a block is read. */
export interface FieldRules {
  readonly strict: boolean
  /** Most fields. */
  readonly countMax: number
  readonly names: FieldNames
}

/** Results of `scanFields` besides the place behind the block. */
export const scanIncomplete = -1
/** The block is malformed: see `marks.failure`. */
export const scanFailed = -2

function failed(failure: Http1Failure): number {
  marks.failure = failure
  return scanFailed
}

/**
 * Scans field lines from `at` up to and including the empty line. Strict: as RFC 9112 §5 has it, nothing tolerated. Lenient, for what servers
 * send: bare line feeds end lines, and folded lines belong to the value before (marked with `folded`).
 */
export function scanFields(bytes: Buffer, at: number, end: number, rules: FieldRules): number {
  const { strict, countMax, names } = rules
  const found = marks.names
  let values = marks.values
  let place = at
  let count = 0
  let name = names.first
  marks.folded = false
  for (;;) {
    const guess = name.next
    if (guess !== null && isFieldAt(bytes, place, end, guess.bytes)) {
      name = guess
      place += guess.bytes.length
    } else {
      const nameAt = place
      while (place < end && tokenBytes[bytes[place]!] === 1) place += 1
      if (place >= end) return scanIncomplete
      const after = bytes[place]
      if (place === nameAt) {
        marks.count = count
        if ((after !== space && after !== tab) || strict || count === 0) return scanBlockEnd(bytes, place, end, strict)
        // A folded line: the value before now reaches over the line end, which `unfold` takes out.
        marks.folded = true
        place = scanValue(bytes, place, end, false)
        if (place < 0) return place
        if (marks.valueEnd > marks.valueStart) values[count * 3 - 2] = marks.valueEnd
        values[count * 3 - 1] = -1
        continue
      }
      if (after !== colon) return failed(after === space || after === tab ? failures.headerName : failures.headerLine)
      name = names.find(bytes, nameAt, place, name)
    }
    if (count >= countMax) return failed(failures.headTooLarge)
    if (count * 3 + 3 > values.length) values = growMarks()
    const colonAt = place
    place = scanValue(bytes, colonAt + 1, end, strict)
    if (place < 0) return place
    found[count] = name
    values[count * 3] = marks.valueStart
    values[count * 3 + 1] = marks.valueEnd
    values[count * 3 + 2] = isPlainLine(bytes, colonAt, place) ? colonAt - name.bytes.length : -1
    count += 1
  }
}

/** Whether a field of this name is at a place. */
function isFieldAt(bytes: Uint8Array, place: number, end: number, name: Uint8Array): boolean {
  const length = name.length
  if (place + length >= end || bytes[place + length] !== colon) return false
  for (let index = 0; index < length; index += 1) if (bytes[place + index] !== name[index]) return false
  return true
}

/** Whether the line that was just scanned is as we would write it: one space behind the colon, none behind the value, CR LF. */
function isPlainLine(bytes: Uint8Array, colonAt: number, behind: number): boolean {
  return (
    marks.valueStart === colonAt + 2 &&
    marks.valueEnd === behind - 2 &&
    bytes[colonAt + 1] === space &&
    bytes[behind - 2] === carriageReturn
  )
}

/** Checks the empty line behind the fields; gives the place behind it. */
function scanBlockEnd(bytes: Uint8Array, place: number, end: number, strict: boolean): number {
  const byte = bytes[place]
  if (byte === carriageReturn) {
    if (place + 1 >= end) return scanIncomplete
    return bytes[place + 1] === lineFeed ? place + 2 : failed(failures.carriageReturn)
  }
  if (byte !== lineFeed) return failed(failures.headerLine)
  return strict ? failed(failures.lineFeed) : place + 1
}

/** Scans a value and its line end; its bounds without surrounding blanks go to `marks`. Gives the place behind the line. */
function scanValue(bytes: Uint8Array, at: number, end: number, strict: boolean): number {
  let place = at
  while (place < end && (bytes[place] === space || bytes[place] === tab)) place += 1
  marks.valueStart = place
  if (place >= end) return scanIncomplete
  let after = bytes[place]!
  // Everything but controls; a tab passes.
  while (after > 31 ? after !== 127 : after === tab) {
    place += 1
    if (place >= end) return scanIncomplete
    after = bytes[place]!
  }
  let valueEnd = place
  if (after === carriageReturn) {
    if (place + 1 >= end) return scanIncomplete
    if (bytes[place + 1] !== lineFeed) return failed(failures.carriageReturn)
    place += 2
  } else if (after === lineFeed) {
    if (strict) return failed(failures.lineFeed)
    place += 1
  } else {
    return failed(failures.headerValue)
  }
  while (valueEnd > marks.valueStart && (bytes[valueEnd - 1] === space || bytes[valueEnd - 1] === tab)) valueEnd -= 1
  marks.valueEnd = valueEnd
  return place
}

/** Joins the lines of a folded value by one space each. */
export function unfold(value: string): string {
  if (!value.includes('\n')) return value
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ')
}

function growMarks(): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(marks.values.length * 2)
  grown.set(marks.values)
  marks.values = grown
  return grown
}

/**
 * Whether the bytes from `from` on end a block (an empty line). In strict blocks a bare line feed counts as well, so that what can never become
 * right is refused now instead of waited for.
 */
export function mayEndBlock(bytes: Uint8Array, from: number, end: number, strict: boolean): boolean {
  for (let place = from; place < end; place += 1) {
    if (bytes[place] !== lineFeed) continue
    const before = place > 0 ? bytes[place - 1] : 0
    if (before === lineFeed || (strict && before !== carriageReturn)) return true
    if (before === carriageReturn && place > 1 && bytes[place - 2] === lineFeed) return true
  }
  return false
}
