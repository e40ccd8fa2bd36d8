/** What the API says of servers, live from the board. */
import { type Board, serverState } from '../board/board.ts'
import { stateOf } from '../board/server-cells.ts'
import type { ServerStatus } from './state.ts'

/** Status of servers by URL or address. Failing answers alone leave a server UP, as in Traefik. */
export function statusOf(
  board: Board,
  servers: readonly { readonly url?: string; readonly address?: string; readonly stateCell: number }[],
): Record<string, ServerStatus> {
  const status: Record<string, ServerStatus> = Object.create(null)
  for (const { url, address, stateCell } of servers) {
    const state = stateOf(board.cells, stateCell)
    status[url ?? address ?? ''] = (state & serverState.down) !== 0 ? 'DOWN' : (state & serverState.draining) !== 0 ? 'DRAINING' : 'UP'
  }
  return status
}
