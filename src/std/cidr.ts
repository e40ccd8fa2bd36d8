/**
 * IP addresses and CIDR ranges. Both families live in one form of four 32-bit words; IPv4 is kept in its mapped place (::ffff:a.b.c.d), so an
 * IPv4-mapped IPv6 address equals the IPv4 one. What is accepted is what Go's `net.ParseIP` and `net.ParseCIDR` accept: no leading zeros in
 * IPv4, no zones in ranges. As there, a range of IPv6 such as `::/0` holds no IPv4 address.
 */

/** An address in comparable form: equal addresses have equal words. */
export interface IpAddress {
  /** 4 for IPv4 and IPv4-mapped addresses. */
  readonly family: 4 | 6
  /** Big-endian words; IPv4 is `[0, 0, 0xffff, address]`. */
  readonly words: readonly [number, number, number, number]
}

/** A range of addresses, host bits cleared. */
export interface Cidr {
  readonly first: IpAddress
  readonly last: IpAddress
  /** Length of the prefix counted in the range's own family: 0–32 or 0–128. */
  readonly bits: number
}

/** A set of ranges that answers for an address in logarithmic time and without allocating. */
export interface CidrSet {
  /** Number of disjoint ranges after merging. */
  readonly size: number
  /** True when the address (a zone is ignored) is in one of the ranges; false for text that is no address. */
  readonly contains: (ip: string) => boolean
}

const wordMax = 0xffffffff
const mappedWord = 0xffff

/** Scratch of the parser, so that lookups allocate nothing. */
const scratch = new Uint32Array(4)
const groups = new Uint16Array(8)

/** Parses an IPv4 or IPv6 address; a zone (`%eth0`) is stripped. Returns undefined when the text is no address. */
export function parseIp(text: string): IpAddress | undefined {
  return readAddress(text, 0, zoneStart(text)) ? fromScratch() : undefined
}

/** Parses `address/bits`; host bits are cleared. Returns undefined when the text is no range; a lone address is none. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  if (slash < 0 || !/^\d{1,8}$/.test(text.slice(slash + 1))) return undefined
  if (!readAddress(text, 0, slash)) return undefined
  const bits = Number(text.slice(slash + 1))
  const isPlainV4 = text.lastIndexOf(':', slash) < 0
  if (bits > (isPlainV4 ? 32 : 128)) return undefined
  return rangeFromScratch(isPlainV4 ? bits + 96 : bits)
}

/** Parses a range or a lone address (a range of one). Returns undefined when the text is neither. */
export function parseIpOrCidr(text: string): Cidr | undefined {
  if (text.includes('/')) return parseCidr(text)
  // Options name addresses without a zone: one would be silently ignored.
  return readAddress(text, 0, text.length) ? rangeFromScratch(128) : undefined
}

/** Builds a set from ranges; overlapping and adjacent ones are merged. */
export function buildCidrSet(ranges: readonly Cidr[]): CidrSet {
  const v4 = packRanges(ranges.filter((range) => range.first.family === 4))
  const v6 = packRanges(ranges.filter((range) => range.first.family === 6))
  return {
    size: (v4.length + v6.length) / 8,
    contains: (ip) => {
      if (!readAddress(ip, 0, zoneStart(ip))) return false
      return holds(scratchIsV4() ? v4 : v6)
    },
  }
}

/** Prints an address: dotted for IPv4, RFC 5952 for IPv6. */
export function formatIp(address: IpAddress): string {
  const [a, b, c, d] = address.words
  if (address.family === 4) return `${d >>> 24}.${(d >>> 16) & 255}.${(d >>> 8) & 255}.${d & 255}`
  const parts = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff, c >>> 16, c & 0xffff, d >>> 16, d & 0xffff]
  const gap = longestZeros(parts)
  const hex = (list: readonly number[]): string => list.map((part) => part.toString(16)).join(':')
  return gap.length < 2 ? hex(parts) : `${hex(parts.slice(0, gap.start))}::${hex(parts.slice(gap.start + gap.length))}`
}

function longestZeros(parts: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let run = 0
  for (let i = 0; i < parts.length; i += 1) {
    run = parts[i] === 0 ? run + 1 : 0
    if (run > best.length) best = { start: i - run + 1, length: run }
  }
  return best
}

function zoneStart(text: string): number {
  const percent = text.indexOf('%')
  // Only IPv6 addresses have zones, and an empty one is an error.
  if (percent < 0 || percent === text.length - 1 || text.indexOf(':') < 0) return text.length
  return percent
}

function word(index: 0 | 1 | 2 | 3): number {
  return scratch[index] ?? 0
}

function scratchIsV4(): boolean {
  return word(0) === 0 && word(1) === 0 && word(2) === mappedWord
}

function fromScratch(): IpAddress {
  return { family: scratchIsV4() ? 4 : 6, words: [word(0), word(1), word(2), word(3)] }
}

/** Makes the range around the scratch address; `bits` counts from the top of the 128. */
function rangeFromScratch(bits: number): Cidr {
  const last: [number, number, number, number] = [0, 0, 0, 0]
  for (let i = 0; i < 4; i += 1) {
    const kept = Math.min(Math.max(bits - i * 32, 0), 32)
    const mask = kept === 0 ? 0 : (wordMax << (32 - kept)) >>> 0
    scratch[i] = (scratch[i] ?? 0) & mask
    last[i] = ((scratch[i] ?? 0) | ~mask) >>> 0
  }
  const first = fromScratch()
  // A range that covers more than the mapped block is one of IPv6: it holds no IPv4 address, as in Go.
  const isV4 = first.family === 4 && bits >= 96
  const family = isV4 ? 4 : 6
  return { first: { family, words: first.words }, last: { family, words: last }, bits: isV4 ? bits - 96 : bits }
}

/** Sorts and merges ranges into eight words each: first, last. */
function packRanges(ranges: readonly Cidr[]): Uint32Array {
  const sorted = ranges.toSorted((a, b) => compareWords(a.first.words, b.first.words))
  const merged: { first: readonly number[]; last: readonly number[] }[] = []
  for (const range of sorted) {
    const previous = merged.at(-1)
    if (previous !== undefined && compareWords(range.first.words, successor(previous.last)) <= 0) {
      if (compareWords(range.last.words, previous.last) > 0) previous.last = range.last.words
    } else merged.push({ first: range.first.words, last: range.last.words })
  }
  return Uint32Array.from(merged.flatMap((range) => [...range.first, ...range.last]))
}

function compareWords(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 4; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function successor(words: readonly number[]): readonly number[] {
  const next = [...words]
  for (let i = 3; i >= 0; i -= 1) {
    if (next[i] !== wordMax) {
      next[i] = (next[i] ?? 0) + 1
      return next
    }
    next[i] = 0
  }
  return words
}

/** Looks the scratch address up in packed ranges by bisection. */
function holds(packed: Uint32Array): boolean {
  let low = 0
  let high = packed.length / 8 - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    if (compareScratch(packed, middle * 8) < 0) high = middle - 1
    else if (compareScratch(packed, middle * 8 + 4) > 0) low = middle + 1
    else return true
  }
  return false
}

function compareScratch(packed: Uint32Array, at: number): number {
  for (let i = 0; i < 4; i += 1) {
    const difference = (scratch[i] ?? 0) - (packed[at + i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Reads the address in `text[start, end)` into the scratch; false when there is none. */
function readAddress(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 46) return readV4(text, start, end)
    if (code === 58) return readV6(text, start, end)
  }
  return false
}

function readV4(text: string, start: number, end: number): boolean {
  const value = parseV4(text, start, end)
  if (value < 0) return false
  scratch[0] = 0
  scratch[1] = 0
  scratch[2] = mappedWord
  scratch[3] = value
  return true
}

/** Parses four decimal octets; -1 when they are none. */
function parseV4(text: string, start: number, end: number): number {
  let value = 0
  let octet = -1
  let dots = 0
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (octet < 0 || dots === 3) return -1
      value = value * 256 + octet
      octet = -1
      dots += 1
    } else if (code >= 48 && code <= 57) {
      // A leading zero is refused, since some read such octets as octal.
      if (octet === 0) return -1
      octet = (octet < 0 ? 0 : octet * 10) + code - 48
      if (octet > 255) return -1
    } else return -1
  }
  return octet < 0 || dots !== 3 ? -1 : value * 256 + octet
}

function readV6(text: string, start: number, end: number): boolean {
  let count = 0
  let gap = -1
  let at = start
  if (text.charCodeAt(at) === 58) {
    if (text.charCodeAt(at + 1) !== 58 || at + 2 > end) return false
    gap = 0
    at += 2
  }
  while (at < end) {
    if (count === 8) return false
    const next = hexEnd(text, at, end)
    if (next < end && text.charCodeAt(next) === 46) {
      // The last 32 bits may be written as IPv4.
      const value = parseV4(text, at, end)
      if (value < 0 || count > 6) return false
      groups[count] = value >>> 16
      groups[count + 1] = value & 0xffff
      count += 2
      at = end
      break
    }
    if (next === at || next - at > 4) return false
    groups[count] = hexValue(text, at, next)
    count += 1
    if (next === end) {
      at = end
      break
    }
    if (text.charCodeAt(next) !== 58 || next + 1 === end) return false
    at = next + 1
    if (text.charCodeAt(at) === 58) {
      if (gap >= 0) return false
      gap = count
      at += 1
    }
  }
  return spreadGroups(count, gap)
}

function hexEnd(text: string, start: number, end: number): number {
  let at = start
  while (at < end && hexDigit(text.charCodeAt(at)) >= 0) at += 1
  return at
}

function hexValue(text: string, start: number, end: number): number {
  let value = 0
  for (let i = start; i < end; i += 1) value = value * 16 + hexDigit(text.charCodeAt(i))
  return value
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** Puts the groups before and after `::` (at `gap`, -1 for none) into the scratch. */
function spreadGroups(count: number, gap: number): boolean {
  // A `::` stands for at least one group.
  if (gap < 0 ? count !== 8 : count > 7) return false
  const skipped = gap < 0 ? 0 : 8 - count
  for (let i = 0; i < 4; i += 1) {
    scratch[i] = ((groupAt(i * 2, gap, skipped) << 16) | groupAt(i * 2 + 1, gap, skipped)) >>> 0
  }
  return true
}

function groupAt(index: number, gap: number, skipped: number): number {
  if (gap < 0 || index < gap) return groups[index] ?? 0
  return index < gap + skipped ? 0 : (groups[index - skipped] ?? 0)
}
