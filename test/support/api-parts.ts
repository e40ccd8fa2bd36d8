/** What the API leans on besides the state, for tests that are about something else. */
import { ChangeFeed } from '../../src/api/change-feed.ts'
import { DebugPages } from '../../src/api/debug.ts'
import { ManualClock } from './manual-clock.ts'

/** A feed whose mark never changes, pages about no thread, and a clock that stands still. */
export function apiParts(): { changes: ChangeFeed; debug: DebugPages; now: () => number } {
  const clock = new ManualClock()
  return {
    changes: new ChangeFeed({ clock, mark: () => 'same' }),
    debug: new DebugPages({ commandLine: ['node', 'main.js'], threads: () => [] }),
    now: () => clock.now(),
  }
}
