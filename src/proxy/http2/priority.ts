/** Priorities of requests (RFC 9218 §4): `u=0` to `u=7`, and `i` for those that are useful in parts. */
import type { Http2Stream } from './stream.ts'

/** Reads a priority and gives it to the stream; what cannot be read says nothing. */
export function applyPriority(stream: Http2Stream, value: string): void {
  // Who says anything is served whole unless it says that it is incremental.
  stream.isIncremental = false
  for (const part of value.split(',')) {
    const member = part.trim().split(';', 1)[0] ?? ''
    if (member === 'i' || member === 'i=?1') stream.isIncremental = true
    else if (member === 'i=?0') stream.isIncremental = false
    else if (member.length === 3 && member.startsWith('u=')) {
      const urgency = member.charCodeAt(2) - 48
      if (urgency >= 0 && urgency <= 7) stream.urgency = urgency
    }
  }
}
