/** Small GETs on keep-alive connections: what a request costs, against every peer on the machine. */
import type { BenchCase } from '../lib/context.ts'
import { compare } from '../lib/interleaved.ts'
import type { Subject } from '../lib/interleaved.ts'
import { atMost } from '../lib/report.ts'
import type { Bar, Row } from '../lib/report.ts'

function ratio(rows: readonly Row[], of: string, to: string): number | undefined {
  const [a, b] = [of, to].map((name) => rows.find((row) => row.subject === name)?.value)
  return a === undefined || b === undefined ? undefined : a / b
}

/** The limits of Tidegate's cost as parts of the others'. */
const limits: ReadonlyArray<readonly [peer: string, limit: number]> = [
  ['nginx', 1.25],
  ['caddy', 0.25],
  ['traefik', 0.25],
]

/** The case. */
export const smallGet: BenchCase = {
  name: 'small GET',
  async run(context) {
    const subjects: Subject[] = []
    for (const peer of context.peers) {
      const scenario = context.scenario()
      const process = await context.start(peer, scenario)
      subjects.push({ name: peer.name, process, load: { url: `http://127.0.0.1:${scenario.port}/`, connections: 64, seconds: 1 } })
    }
    const rows = await compare(this.name, subjects, context.rounds)
    const bars = limits.flatMap(([peer, limit]): Bar[] => {
      const value = ratio(rows, 'tidegate', peer)
      return value === undefined ? [] : [atMost(this.name, `CPU against ${peer}`, value, limit)]
    })
    return { rows, bars }
  },
}
