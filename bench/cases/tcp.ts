/** TCP routers: small exchanges on connections that stay, and long transfers. */
import { largeBodyBytes } from '../lib/backend.ts'
import type { BenchCase } from '../lib/context.ts'
import { compare } from '../lib/interleaved.ts'
import type { Subject } from '../lib/interleaved.ts'
import { relaysTcp } from '../lib/peers.ts'
import { atMost } from '../lib/report.ts'
import type { Bar, Row } from '../lib/report.ts'

/** Path, connections, and the limits of Tidegate's cost as parts of the others'. Four fifths of HAProxy's throughput on one core is 1.25 × its cost. */
const loads = [
  { name: 'TCP small exchange', path: '/', connections: 64, limits: { nginx: 1.2 } },
  { name: `TCP ${largeBodyBytes / 1024 / 1024} MiB transfer`, path: '/download', connections: 8, limits: { haproxy: 1.25 } },
] as const

/** The case. */
export const tcp: BenchCase = {
  name: 'TCP',
  async run(context) {
    const rows: Row[] = []
    const bars: Bar[] = []
    for (const { name, path, connections, limits } of loads) {
      const subjects: Subject[] = []
      for (const peer of context.peers.filter(relaysTcp)) {
        const scenario = context.scenario({ tcp: true })
        const process = await context.start(peer, scenario)
        subjects.push({ name: peer.name, process, load: { url: `http://127.0.0.1:${scenario.port}${path}`, connections, seconds: 1 } })
      }
      const measured = await compare(name, subjects, context.rounds)
      rows.push(...measured)
      const ours = measured.find((row) => row.subject === 'tidegate')
      for (const [peer, limit] of Object.entries(limits)) {
        const other = measured.find((row) => row.subject === peer)
        if (ours !== undefined && other !== undefined) bars.push(atMost(name, `CPU against ${peer}`, ours.value / other.value, limit))
      }
      await context.endCase()
    }
    return { rows, bars }
  },
}
