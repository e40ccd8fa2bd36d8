/** Tells by its first bytes whether a client speaks HTTP/2 by prior knowledge (RFC 9113 §3.3). */
import { clientPrefaceBytes } from './frames.ts'

/** What the first bytes of a connection say; 'more' when they are too few. */
export function prefaceMatch(bytes: Buffer): 'yes' | 'no' | 'more' {
  const count = Math.min(bytes.length, clientPrefaceBytes.length)
  if (clientPrefaceBytes.compare(bytes, 0, count, 0, count) !== 0) return 'no'
  return count === clientPrefaceBytes.length ? 'yes' : 'more'
}
