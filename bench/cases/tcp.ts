/** TCP routers: small exchanges on connections that stay, and transfers of 1 GiB one after the other. */
import { hugeBodyBytes } from '../lib/backend.ts'
import { comparePeers, joinReports, ratioOf } from '../lib/compare-peers.ts'
import type { BenchCase, Context } from '../lib/context.ts'
import { transfers } from '../lib/generators.ts'
import { relaysTcp } from '../lib/peers.ts'
import { atLeast, type CaseReport } from '../lib/report.ts'
import { wrk } from '../lib/wrk.ts'

/** The least of HAProxy's throughput. */
const throughputMin = 0.8

async function longTransfers(context: Context): Promise<CaseReport> {
  const name = 'TCP 1 GiB transfer'
  const { rows, bars } = await comparePeers(context, {
    name,
    scenario: { protocol: 'tcp' },
    load: (port) => transfers({ url: `http://127.0.0.1:${port}/huge`, bytes: hugeBodyBytes }),
    takes: relaysTcp,
    limits: {},
    what: 'transfer',
  })
  const throughput = ratioOf(rows, 'tidegate', 'haproxy', (row) => Number(row.details?.['transfers/s']))
  return { rows, bars: throughput === undefined ? bars : [...bars, atLeast(name, 'throughput against haproxy', throughput, throughputMin)] }
}

/** The case. */
export const tcp: BenchCase = {
  name: 'TCP',
  run: async (context) =>
    joinReports([
      await comparePeers(context, {
        name: 'TCP small exchange',
        scenario: { protocol: 'tcp' },
        load: (port) => wrk({ url: `http://127.0.0.1:${port}/`, connections: 64 }),
        takes: relaysTcp,
        limits: { nginx: 1.2 },
      }),
      await longTransfers(context),
    ]),
}
