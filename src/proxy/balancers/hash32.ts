/** Hashes of 32 bits for consistent hashing: the same text gives the same number in every process and version, so that several routers agree. */

/** FNV-1a over the characters of a text, its bits then mixed so that texts that are nearly alike differ everywhere. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return mix32(hash)
}

/** Mixes the bits of a number (the finalizer of MurmurHash3): a bijection on 32 bits. */
export function mix32(number: number): number {
  let mixed = number
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
