/** What the API leans on besides the state, for tests that are about something else. */
import type { ApiContext } from '../../src/api/api.ts'
import { ChangeFeed } from '../../src/api/change-feed.ts'
import { DebugPages } from '../../src/api/debug.ts'
import { ManualClock } from './manual-clock.ts'

/** A feed whose mark never changes, pages about no thread, explanations that only say what was asked, and a clock that stands still. */
export function apiParts(): Pick<ApiContext, 'changes' | 'debug' | 'explain' | 'now'> {
  const clock = new ManualClock()
  return {
    changes: new ChangeFeed({ clock, mark: () => 'same' }),
    explain: ({ url, method, client }) => Promise.resolve({ problem: `${method} ${url} of ${client}`, entryPoints: [] }),
    debug: new DebugPages({ commandLine: ['node', 'main.js'], threads: () => [] }),
    now: () => clock.now(),
  }
}
