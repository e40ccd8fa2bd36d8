/** What middlewares are built with, in tests. */
import { createBoard } from '../../src/board/board.ts'
import { clientEntries, ClientCounts } from '../../src/board/client-counts.ts'
import type { MiddlewarePlan } from '../../src/generation/plan.ts'
import type { MiddlewareContext } from '../../src/proxy/http/middleware.ts'
import { verifyPassword } from '../../src/proxy/passwords/verify.ts'
import { systemClock } from '../../src/std/clock.ts'
import { TimerWheel } from '../../src/std/timer-wheel.ts'

/** A context that has everything and calls nobody, but for what is given. Passwords are checked at once, so that tests need no threads. */
export function testMiddlewareContext(given: Partial<MiddlewareContext> = {}): MiddlewareContext {
  const board = given.board ?? createBoard({ rows: 1, counters: 16, gauges: 16 + clientEntries, cells: 4096 + clientEntries })
  return {
    name: 'm@test',
    board,
    passwords: { check: verifyPassword },
    random: () => 0.5,
    service: (name) => {
      throw new Error(`no service ${name} in this test`)
    },
    wheel: new TimerWheel(systemClock),
    outbound: { call: ({ url }) => Promise.reject(new Error(`nobody answers to ${url} in this test`)) },
    clients: new ClientCounts(board, 4096, 16),
    shared: new SharedArrayBuffer(0),
    warn() {},
    onClose() {},
    ...given,
  }
}

/** The plan of a middleware that needs nothing but its options. */
export function testMiddlewarePlan(name: string, kind: string, options: unknown): MiddlewarePlan {
  return { name, kind, options, clientCells: 0, clientGauges: 0, shared: null, services: {} }
}
