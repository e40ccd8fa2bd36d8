/** Three middlewares (addPrefix, stripPrefix, headers) against none, for those that have them. */
import type { BenchCase } from '../lib/context.ts'
import { compare } from '../lib/interleaved.ts'
import type { Subject } from '../lib/interleaved.ts'
import { atMost } from '../lib/report.ts'
import type { Bar, Row } from '../lib/report.ts'
import { wrk } from '../lib/wrk.ts'

/** The case. */
export const middlewares: BenchCase = {
  name: 'three middlewares',
  async run(context) {
    const rows: Row[] = []
    const bars: Bar[] = []
    for (const peer of context.peers.filter((each) => ['tidegate', 'traefik', 'nginx'].includes(each.name))) {
      const subjects: Subject[] = []
      for (const withMiddlewares of [false, true]) {
        const scenario = context.scenario({ middlewares: withMiddlewares })
        const process = await context.start(peer, scenario)
        const load = wrk({ url: `http://127.0.0.1:${scenario.port}/`, connections: 64 })
        subjects.push({ name: `${peer.name}, ${withMiddlewares ? 'three' : 'none'}`, process, load })
      }
      const measured = await compare(this.name, subjects, context.rounds)
      rows.push(...measured)
      if (peer.name === 'tidegate') bars.push(atMost(this.name, 'CPU against none', measured[1]?.ratio ?? Number.NaN, 1.15))
      await context.endCase()
    }
    return { rows, bars }
  },
}
