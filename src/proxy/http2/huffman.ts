/**
 * The Huffman code of HPACK (RFC 7541 §5.2 and appendix B). The code is canonical, so that the lengths of its 257 words say all: words of one length
 * count up in the order of their symbols. Decoding goes by half bytes through a table of states; no word is shorter than five bits, so that a half byte
 * ends at most one.
 */

/** Length of each symbol's word in bits, in base 36; the last is the end-of-string symbol. */
const lengthDigits =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f565' +
  '65666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmnqqkjmnmp' +
  'qqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu'

const endOfString = 256
const symbolCount = 257

const wordLengths = new Uint8Array(symbolCount)
const words = new Uint32Array(symbolCount)
for (let symbol = 0; symbol < symbolCount; symbol += 1) wordLengths[symbol] = Number.parseInt(lengthDigits.charAt(symbol), 36)

let nextWord = 0
for (let length = 1; length <= 30; length += 1) {
  nextWord *= 2
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    if (wordLengths[symbol] !== length) continue
    words[symbol] = nextWord
    nextWord += 1
  }
}

/** A state is an inner node of the tree; there are as many as symbols, less one. */
const stateCount = 256
const failed = 0xffff
/** By state and half byte: the state after it. */
const nextStates = new Uint16Array(stateCount * 16)
/** By state and half byte: the symbol that it ended, and one; 0 for none. */
const emitted = new Uint16Array(stateCount * 16)
/** 1 for states in which a string may end: less than a byte of ones since the last symbol. */
const mayEnd = new Uint8Array(stateCount)

/** Children of inner nodes: below `stateCount` an inner node, from there on a symbol. */
function buildTree(): Uint16Array {
  const children = new Uint16Array(stateCount * 2).fill(failed)
  let nodes = 1
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    let node = 0
    for (let bit = wordLengths[symbol]! - 1; bit >= 0; bit -= 1) {
      const place = node * 2 + ((words[symbol]! >>> bit) & 1)
      if (bit === 0) {
        children[place] = stateCount + symbol
      } else {
        if (children[place] === failed) {
          children[place] = nodes
          nodes += 1
        }
        node = children[place]!
      }
    }
  }
  return children
}

function buildTables(): void {
  const children = buildTree()
  for (let state = 0; state < stateCount; state += 1) {
    for (let half = 0; half < 16; half += 1) {
      let node = state
      let symbol = 0
      for (let bit = 3; bit >= 0 && node !== failed; bit -= 1) {
        const child = children[node * 2 + ((half >>> bit) & 1)]!
        if (child < stateCount) {
          node = child
        } else if (child === stateCount + endOfString) {
          node = failed
        } else {
          symbol = child - stateCount + 1
          node = 0
        }
      }
      nextStates[state * 16 + half] = node
      emitted[state * 16 + half] = symbol
    }
  }
  let node = 0
  for (let ones = 0; ones < 8; ones += 1) {
    mayEnd[node] = 1
    node = children[node * 2 + 1]!
  }
}

buildTables()

/** Where strings are unpacked to; grows to the longest. */
let scratch = Buffer.allocUnsafeSlow(4096)

/** The text of packed bytes, one character a byte; null when they are no string (RFC 7541 §5.2). */
export function huffmanDecode(bytes: Buffer, from: number, to: number): string | null {
  // The shortest word has five bits.
  const most = Math.ceil(((to - from) * 8) / 5)
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most * 2)
  const out = scratch
  let length = 0
  let state = 0
  for (let place = from; place < to; place += 1) {
    const byte = bytes[place]!
    let step = state * 16 + (byte >>> 4)
    let symbol = emitted[step]!
    if (symbol !== 0) {
      out[length] = symbol - 1
      length += 1
    }
    state = nextStates[step]!
    if (state === failed) return null
    step = state * 16 + (byte & 15)
    symbol = emitted[step]!
    if (symbol !== 0) {
      out[length] = symbol - 1
      length += 1
    }
    state = nextStates[step]!
    if (state === failed) return null
  }
  return mayEnd[state] === 1 ? out.latin1Slice(0, length) : null
}

/** Length of a text when packed, in bytes. */
export function huffmanLength(text: string): number {
  let bits = 0
  for (let index = 0; index < text.length; index += 1) bits += wordLengths[text.charCodeAt(index)]!
  return (bits + 7) >>> 3
}

/** Packs a text of bytes into a text of bytes. */
export function huffmanEncode(text: string): string {
  let packed = ''
  let pending = 0
  let count = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    // In two steps, since a word of 30 bits and 7 pending ones are more than a number's 32.
    for (const [word, length] of wordParts[code]!) {
      pending = (pending << length) | word
      count += length
      while (count >= 8) {
        count -= 8
        packed += String.fromCharCode((pending >>> count) & 255)
      }
      pending &= (1 << count) - 1
    }
  }
  if (count > 0) packed += String.fromCharCode(((pending << (8 - count)) | ((1 << (8 - count)) - 1)) & 255)
  return packed
}

/** Words in parts of at most 16 bits. */
const wordParts: readonly (readonly (readonly [number, number])[])[] = Array.from({ length: 256 }, (_, symbol) => {
  const word = words[symbol]!
  const length = wordLengths[symbol]!
  if (length <= 16) return [[word, length]] as const
  return [
    [word >>> 16, length - 16],
    [word & 0xffff, 16],
  ] as const
})
