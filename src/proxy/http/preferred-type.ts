/** Which of several media types a client likes best (RFC 9110 §12.5.1). */

/** Longest Accept field that is looked at, in bytes. */
const acceptLengthMax = 2048

/** The type of the list that the Accept field ranks highest; the first of equals, and the first of all when it takes none of them. */
export function preferredType<T extends string>(accept: string | undefined, types: readonly [T, ...T[]] | readonly T[]): T {
  const [first] = types
  if (first === undefined) throw new Error('a list of media types is empty')
  if (accept === undefined || accept.length > acceptLengthMax) return first
  const ranges = accept.toLowerCase().split(',').map(parseRange)
  let best = first
  let bestQuality = 0
  for (const type of types) {
    const quality = qualityOf(type, ranges)
    if (quality <= bestQuality) continue
    best = type
    bestQuality = quality
  }
  return best
}

interface MediaRange {
  readonly type: string
  readonly quality: number
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = weight === undefined ? 1 : Number(weight.slice(2))
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 }
}

/** The most specific range that holds the type counts. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const group = `${type.slice(0, type.indexOf('/'))}/*`
  for (const wanted of [type, group, '*/*']) {
    const range = ranges.find((each) => each.type === wanted)
    if (range !== undefined) return range.quality
  }
  return 0
}
