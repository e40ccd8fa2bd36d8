/** Small GETs on keep-alive connections: what a request costs, against every peer on the machine. */
import { comparePeers } from '../lib/compare-peers.ts'
import type { BenchCase } from '../lib/context.ts'
import { wrk } from '../lib/wrk.ts'

/** The case. */
export const smallGet: BenchCase = {
  name: 'small GET',
  run: (context) =>
    comparePeers(context, {
      name: 'small GET',
      scenario: {},
      load: (port) => wrk({ url: `http://127.0.0.1:${port}/`, connections: 64 }),
      limits: { nginx: 1.25, caddy: 0.25, traefik: 0.25 },
    }),
}
