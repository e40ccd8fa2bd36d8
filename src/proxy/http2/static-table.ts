/** The static table of HPACK (RFC 7541 appendix A). */

/** Names and values in order; the first has index 1. */
export const staticTable: readonly (readonly [name: string, value: string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
]

/** Number of entries; the first index of the dynamic table is one more. */
export const staticCount = 61

const nameIndexes = new Map<string, number>()
for (const [index, [name]] of staticTable.entries()) if (!nameIndexes.has(name)) nameIndexes.set(name, index + 1)

/** Index of the first entry of this name; 0 when there is none. */
export function staticNameIndex(name: string): number {
  return nameIndexes.get(name) ?? 0
}

/** Index of the entry of this name and value; 0 when there is none. */
export function staticIndex(name: string, value: string): number {
  const first = nameIndexes.get(name)
  if (first === undefined) return 0
  for (let index = first; staticTable[index - 1]?.[0] === name; index += 1) if (staticTable[index - 1]?.[1] === value) return index
  return 0
}
