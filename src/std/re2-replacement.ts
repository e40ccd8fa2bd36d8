/** One piece of a replacement: literal text, or a reference to a group by number or name. */
type Piece = string | { readonly group: number } | { readonly name: string }

/** A replacement in Go's notation (`$1`, `${1}`, `$name`, `$$`), parsed once. */
export interface Replacement {
  readonly pieces: readonly Piece[]
  /** The text, when it refers to no group. */
  readonly literal: string | null
}

const nameChars = /[\p{L}\p{Nd}_]+/uy
/** Go takes larger numbers for names. */
const groupNumberMax = 1e8

/** Parses a replacement as Go's `Regexp.Expand` does: `$1x` names the group `1x`, and a malformed `$` stands for itself. */
export function parseReplacement(text: string): Replacement {
  const pieces: Piece[] = []
  let literal = ''
  let at = 0
  for (;;) {
    const dollar = text.indexOf('$', at)
    if (dollar < 0) break
    literal += text.slice(at, dollar)
    const name = referenceAt(text, dollar)
    if (name === undefined) {
      literal += '$'
      at = dollar + (text[dollar + 1] === '$' ? 2 : 1)
      continue
    }
    if (literal !== '') pieces.push(literal)
    literal = ''
    pieces.push(reference(name))
    at = dollar + 1 + name.length + (text[dollar + 1] === '{' ? 2 : 0)
  }
  literal += text.slice(at)
  if (literal !== '') pieces.push(literal)
  return { pieces, literal: pieces.every((piece) => typeof piece === 'string') ? pieces.join('') : null }
}

/** Name of the group that the `$` at `dollar` refers to; undefined when it refers to none. */
function referenceAt(text: string, dollar: number): string | undefined {
  const isBraced = text[dollar + 1] === '{'
  nameChars.lastIndex = dollar + (isBraced ? 2 : 1)
  const name = nameChars.exec(text)?.[0]
  if (name === undefined || (isBraced && text[nameChars.lastIndex] !== '}')) return undefined
  return name
}

function reference(name: string): Piece {
  const isNumber = /^(?:0|[1-9]\d*)$/.test(name) && Number(name) < groupNumberMax * 10
  return isNumber ? { group: Number(name) } : { name }
}
